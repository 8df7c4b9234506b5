"""The bars of verification over the corpus of judgements."""

from __future__ import annotations

import pytest

from postlaunch.evals.judgement_corpus import (
    HELDOUT_KEPT,
    RIGHT_KEPT,
    WRONG_STOPPED,
    cases,
    lines,
    main,
    tallies,
    total,
)

CLASSES = {
    "digits",
    "number words",
    "direction",
    "factor",
    "entity",
    "metric",
    "window",
    "slots",
    "verdict",
    "smuggling",
    "rank",
    "compare",
    "target",
    "quantity",
    "steady",
    "place",
    "unproven",
}


def test_the_corpus_is_large_and_covers_every_class() -> None:
    corpus = cases(heldout=False)
    wrong = [case for case in corpus if case.verdict == "wrong"]
    assert len(wrong) >= 140
    assert len(corpus) - len(wrong) >= 100
    assert {case.kind for case in wrong} >= CLASSES
    assert len({(case.book, case.text) for case in corpus if case.text}) == len([c for c in corpus if c.text])


@pytest.mark.parametrize(("heldout", "kept"), [(False, RIGHT_KEPT), (True, HELDOUT_KEPT)])
def test_wrong_judgements_are_stopped_and_right_ones_kept(heldout: bool, kept: float) -> None:
    table = tallies(cases(heldout=heldout))
    shown = "\n".join(lines(table, astray=True))
    assert total(table, "wrong").share >= WRONG_STOPPED, shown
    assert total(table, "right").share >= kept, shown


def test_the_command_prints_both_shares(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert "stopped (" in printed
    assert "kept (" in printed
