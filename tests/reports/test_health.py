"""The typed health report: it loads only when every figure is what the evidence says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from postlaunch.facts import Evidence, Fact, Measured, Unavailable, measured_in
from postlaunch.reports.health import HealthReport, MetricRow, TopEndpoint
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.reports.standing import last_standing, standing_of

Make = Callable[..., HealthReport]


def test_a_report_survives_its_json_unchanged(report: HealthReport) -> None:
    assert HealthReport.model_validate_json(report.model_dump_json()) == report


def test_every_measured_figure_equals_its_fact(report: HealthReport) -> None:
    found = measured_in(report)
    assert len(found) > 30
    for quantity in found:
        fact = report.evidence.facts[quantity.fact]
        assert quantity.value == (fact.value if quantity.part == "value" else fact.baseline)


def test_a_figure_changed_by_hand_does_not_load(report: HealthReport) -> None:
    text = report.model_dump_json().replace('"value":1247890.0', '"value":1247891.0', 1)
    with pytest.raises(ValidationError):
        HealthReport.model_validate_json(text)


def test_a_figure_without_its_fact_does_not_load(report_with: Make) -> None:
    with pytest.raises(ValidationError, match="the evidence does not say"):
        report_with(evidence=Evidence())


def test_a_sentence_that_cites_a_fact_out_of_evidence_does_not_load(report_with: Make) -> None:
    with pytest.raises(ValidationError, match="not in the evidence"):
        report_with(notes=(Sentence(text="so they say", facts=("Fnone",)),))


def test_a_row_whose_change_is_not_the_change_of_its_figures_does_not_load(report: HealthReport) -> None:
    row = next(row for row in report.metrics if row.change)
    body = row.model_dump() | {"change": None}
    with pytest.raises(ValidationError, match="not the change between the two figures"):
        MetricRow.model_validate(body)


def test_an_empty_section_without_a_reason_does_not_load() -> None:
    with pytest.raises(ValidationError, match="says why it is empty"):
        Listing[TopEndpoint]()


def test_rules_print_figures_changes_and_entities_of_facts(report: HealthReport) -> None:
    fact: Fact = next(fact for fact in report.evidence.facts.values() if fact.name == "p95_response_time")
    sentence = said("{it} on {it.entity}, {it.before} before ({it.change}), {who}", it=fact, who="{it}")
    assert sentence.text == "312 ms on application, 178 ms before (+75%), {it}"
    assert sentence.facts == (fact.id,)


def test_a_baseline_that_was_not_measured_is_unavailable(report: HealthReport) -> None:
    fact = next(fact for fact in report.evidence.facts.values() if fact.baseline is None)
    assert isinstance(Measured.baseline_of(fact), Unavailable)


def test_the_next_report_reads_grade_and_rows_of_this_one(report: HealthReport) -> None:
    standing = standing_of(report.model_dump(mode="json"))
    assert standing is not None
    assert standing.headline.grade == "POOR"
    old = standing.row("p95_response_time")
    assert old is not None
    assert old.status == "missed"
    assert standing_of(standing.model_dump(mode="json")) == standing


@pytest.mark.parametrize("body", [None, {}, "run-17", {"kind": "weekly_health"}])
def test_what_is_no_report_has_no_standing(body: object) -> None:
    assert standing_of(body) is None  # type: ignore[arg-type]


def test_the_last_report_is_the_newest_on_an_earlier_week_of_the_same_application(
    report: HealthReport,
) -> None:
    def body(weeks_before: int, application: str = "User Management System", minutes: int = 0) -> object:
        window = report.window
        for _ in range(weeks_before):
            window = window.before()
        made = report.generated_at + timedelta(minutes=minutes)
        changed = {"window": window, "application": application, "generated_at": made}
        return report.model_copy(update=changed).model_dump(mode="json")

    bodies = [body(0), body(1, minutes=5), body(1, minutes=9), body(2, minutes=99), body(1, "Other", 50), "x"]
    last = last_standing(bodies, report.application, report.window)  # type: ignore[arg-type]
    assert last is not None
    assert last.window == report.window.before()
    assert last.generated_at == report.generated_at + timedelta(minutes=9)


def test_a_first_report_has_none_before_it(report: HealthReport) -> None:
    assert last_standing([report.model_dump(mode="json")], report.application, report.window) is None
