"""Publishing a report: its files, whole or not at all, and its record in the ledger, in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from postlaunch.agents.bench import JSON_OBJECT
from postlaunch.errors import PostLaunchError
from postlaunch.graphs.reconciling import reconciled
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ReportRecord
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.reading import AnyReport, report_from


@contextmanager
def drafted(texts: Mapping[Path, str]) -> Iterator[Callable[[], None]]:
    """Write files beside their places, under hidden names; gives what puts all of them in place.

    No reader ever sees half of a file, and a full disk leaves the old ones.

    Raises:
        PostLaunchError: the folder cannot be written, or the disk is full.
    """
    drafts: dict[Path, Path] = {}

    def put_in_place() -> None:
        for path, draft in drafts.items():
            with _told_in_words(path):
                draft.replace(path)

    try:
        for path, text in texts.items():
            with _told_in_words(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
                drafts[path] = Path(name)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                drafts[path].chmod(0o644)
        yield put_in_place
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


@contextmanager
def _told_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PostLaunchError(
            f"{path} cannot be written: {error.strerror or error}",
            "free some space or set reports.folder to a folder that can be written, then run it again",
        ) from error


def publish_report(session: Session, document: str, agent: str = "") -> tuple[str, ...]:
    """Write a composed report as Markdown, HTML and JSON, and record it. Blocking; may run again.

    Args:
        document: name of the report's document in the ledger.
        agent: the specialist whose report it is; empty for one of the workflow itself.

    Raises:
        PostLaunchError: a file cannot be written; nothing is recorded then.
        LeaseLost: another process moves this run now.
    """
    body = session.bench.document(document)
    if body is None:
        raise PostLaunchError(f"run {session.run.id} has no document {document}", "advance the run again")
    with session.publishing:
        return _published(session, reconciled(session, report_from(body), agent), agent)


def _published(session: Session, report: AnyReport, agent: str) -> tuple[str, ...]:
    settings, head = session.bench.settings, session.services.ledger.chain_head()
    provenance = report.provenance.model_copy(update={"chain_head": head.named})
    report = report.model_copy(update={"provenance": provenance})
    stem = settings.path(settings.reports.folder) / report.stem
    texts = {
        stem.with_name(f"{stem.name}.md"): render_markdown(report),
        stem.with_name(f"{stem.name}.html"): render_html(report),
        stem.with_name(f"{stem.name}.json"): report.model_dump_json(indent=2) + "\n",
    }
    paths = tuple(map(str, texts))
    record = ReportRecord(
        run=session.run.id,
        kind=report.kind,
        title=stem.name,
        body=JSON_OBJECT.validate_python(report.model_dump(mode="json")),
        paths=paths,
        at=session.services.clock(),
    )
    with drafted(texts) as put_in_place:
        session.services.ledger.publish(session.lease, record, put_in_place)
    session.recorder.emit("report", f"{stem.name} is written", agent=agent, data={"paths": list(paths)})
    return paths
