"""Publishing a report: its files written whole or not at all, then its record in the ledger."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from postlaunch.errors import PostLaunchError
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ReportRecord
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.reading import AnyReport, report_from


def write_whole(path: Path, text: str) -> Path:
    """Write a file so that no reader ever sees half of it, and a full disk leaves the old one.

    Raises:
        PostLaunchError: the folder cannot be written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise PostLaunchError(
            f"{path} cannot be written: {error.strerror or error}",
            "free some space or set reports.folder to a folder that can be written, then run it again",
        ) from error
    return path


def publish_report(session: Session, document: str) -> tuple[str, ...]:
    """Write a composed report as Markdown, HTML and JSON, and record it. Blocking; may run again.

    Args:
        document: name of the report's document in the ledger.

    Raises:
        PostLaunchError: a file cannot be written; nothing is recorded then.
        LeaseLost: another process moves this run now.
    """
    body = session.bench.document(document)
    if body is None:
        raise PostLaunchError(f"run {session.run.id} has no document {document}", "advance the run again")
    report = report_from(body)
    settings = session.bench.settings
    stem = settings.path(settings.reports.folder) / file_stem(report)
    texts = {
        ".md": render_markdown(report),
        ".html": render_html(report),
        ".json": report.model_dump_json(indent=2) + "\n",
    }
    session.services.ledger.renew(session.lease)  # who lost it without noticing touches no file
    paths = tuple(str(write_whole(stem.with_name(stem.name + end), text)) for end, text in texts.items())
    session.services.ledger.publish(
        session.lease,
        ReportRecord(
            run=session.run.id,
            kind=report.kind,
            title=stem.name,
            body=body,
            paths=paths,
            at=session.services.clock(),
        ),
    )
    session.recorder.emit("report", f"{stem.name} is written", data={"paths": list(paths)})
    return paths


def file_stem(report: AnyReport) -> str:
    """A report's file name without its ending: "weekly-health-2025-W47", "backlog-sprint-4"."""
    if isinstance(report, BacklogReport):
        return f"backlog-sprint-{report.sprint}"
    window = report.window
    return f"weekly-health-{window.label or f'{window.local(window.start):%Y-%m-%d}'}"
