"""The chain's head goes out with every report, so that a rewritten database is found out by it."""

from __future__ import annotations

import json
from pathlib import Path

from postlaunch.sync import PostLaunch

PERSON = "User"


def test_a_report_names_the_head_in_every_format(house_app: PostLaunch, tmp_path: Path) -> None:
    run = house_app.advance(house_app.start("sprint_planning").id)
    [request] = house_app.pending()
    decision = house_app.decide(request.id, "reject", by=PERSON)
    house_app.advance(run.id)
    house_app.advance(house_app.start("sprint_planning", sprint=5).id)
    [report] = [one for one in house_app.reports() if "sprint-5" in one.title]
    named = f"{decision.hash} (1 decision)"
    texts = {Path(path).suffix: Path(path).read_text() for path in report.paths}
    assert f"**Decision chain head**: {named}" in texts[".md"]
    assert named in texts[".html"]
    assert json.loads(texts[".json"])["provenance"]["chain_head"] == named
    assert house_app.audit(decision.hash).holds
    assert not house_app.audit("f" * 64).holds
