"""The root cause by rule, on incidents of many kinds: what stands, how surely, and what is ruled out."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.reports.incident import IncidentReport


def cause(report: IncidentReport) -> tuple[str, str]:
    return report.root_cause.name, report.root_cause.confidence


def state(report: IncidentReport, name: str) -> list[str]:
    return [one.state for one in report.considered if one.name == name]


def text(sentences: Any) -> str:
    return " | ".join(sentence.text for sentence in sentences)


def test_a_pool_that_runs_dry_is_the_cause_where_samples_log_and_the_fix_agree(exhausted: Any) -> None:
    report = exhausted.report()
    assert cause(report) == ("pool", "high")
    assert next(one for one in report.considered if one.name == "pool").sources == (
        "resources",
        "logs",
        "changes",
    )
    chain = text(report.root_cause.chain)
    assert "limit 10" in chain
    assert "With a higher limit the connection pool was used up to 14" in chain
    assert {one.name for one in report.ruled_out} == {
        "memory", "cpu", "disk", "pod", "endpoint", "change", "traffic",
    }  # fmt: skip


def test_a_leak_that_kills_one_pod_is_memory_there(story: Any) -> None:
    def leaking(pod: str, place: int) -> float:
        if pod != "web-2":
            return 200e6
        return 180e6 if place >= 2 else min(510e6, 510e6 + (place + 20) * 2e6)

    report = (
        story.fails(0, 6, 0.9, pods=("web-2",), status=502)
        .sampled(memory_bytes=leaking)
        .logged((0.5, 1, 1.5, 2), "worker killed: out of memory", pod="web-2")
        .report()
    )
    assert cause(report) == ("memory", "high")
    assert state(report, "pod") == ["contributes"]
    assert "web-2" in text(report.root_cause.chain)
    assert "that pod restarted" in text(report.root_cause.chain)


def test_cpu_at_its_limit_with_nothing_else_is_medium(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.3)
        .sampled(cpu_cores=lambda pod, place: 0.99 if -1 <= place < 10 else 0.4)
        .logged((-60,), "mail bounced")
        .report()
    )
    assert cause(report) == ("cpu", "medium")


def test_a_resource_that_was_as_full_before_is_no_cause(story: Any) -> None:
    report = story.fails(0, 10, 0.3).sampled(cpu_cores=lambda pod, place: 0.99).report()
    assert cause(report) == ("", "inconclusive")
    assert state(report, "cpu") == ["ruled out"]
    assert "just as much before" in text(
        one for found in report.considered if found.name == "cpu" for one in found.against
    )


def test_a_full_disk_is_named_by_samples_and_log(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.6)
        .sampled(disk_bytes=lambda pod, place: 10e9 if place >= 0 else 9.6e9)
        .logged(range(10), "write failed: No space left on device")
        .report()
    )
    assert cause(report) == ("disk", "high")


@pytest.mark.parametrize("share", [0.95, 0.98])
def test_a_disk_that_can_still_be_written_to_is_not_used_up(story: Any, share: float) -> None:
    report = (
        story.fails(0, 10, 0.6)
        .sampled(disk_bytes=lambda pod, place: share * 10e9 if place >= 0 else 1e9)
        .report()
    )
    assert cause(report)[0] != "disk"


def test_a_deployment_that_brings_an_error_and_is_rolled_back_is_the_cause(story: Any) -> None:
    report = (
        story.fails(0, 12, 0.8, paths=("/profile",))
        .logged((minute + 0.2 for minute in range(12)), "TypeError: 'NoneType' object is not subscriptable")
        .changed(-2, "deployment", "Release", version="2.1.0", component="api")
        .changed(11, "rollback", "Back to 2.0.9", component="api")
        .report()
    )
    assert report.root_cause.name in ("change", "code")
    assert report.root_cause.confidence == "high"
    assert report.root_cause.title == (
        "An error in the application's code, set off by: Deployment: Release 2.1.0"
    )
    shown = text(report.root_cause.chain)
    assert "undone by “Back to 2.0.9”" in shown
    assert report.hotfix.needed is False


def test_an_error_in_one_endpoints_code_is_code_with_the_log_and_the_requests(story: Any) -> None:
    report = (
        story.fails(0, 30, 0.7, paths=("/profile",))
        .logged(range(30), "KeyError: 'avatar' in profile view")
        .changed(-400, "deployment", "Release")
        .report()
    )
    assert cause(report) == ("code", "high")
    assert state(report, "endpoint") == ["contributes"]
    assert report.hotfix.needed
    assert [step.owner for step in report.hotfix.steps][:2] == ["incident-responder", "devops-cicd-expert"]


def test_a_service_that_does_not_answer_is_named_by_log_and_statuses(story: Any) -> None:
    report = (
        story.fails(0, 15, 0.5, status=503)
        .logged(range(15), "redis: connection refused at cache:6379")
        .sampled()
        .report()
    )
    assert cause(report) == ("dependency", "high")


def test_a_change_long_before_that_nothing_else_speaks_for_is_no_rival(exhausted: Any) -> None:
    exhausted.changes.insert(
        0,
        {
            "id": "C-0",
            "at": "2025-11-18T21:30:00Z",
            "kind": "deployment",
            "title": "Release",
            "version": "2.1",
        },
    )
    report = exhausted.report()
    assert cause(report) == ("pool", "high")
    assert state(report, "change") == ["stands"]
    assert "requests went well for 45 min after it" in text(
        one for found in report.considered if found.name == "change" for one in found.against
    )
    assert "Release" not in text(report.root_cause.chain)


def test_a_change_that_took_the_limit_down_set_it_off(story: Any) -> None:
    report = (
        story.fails(0, 20, 0.4)
        .sampled(
            pool_in_use=lambda pod, place: 2 if place >= -1 else 4,
            pool_size=lambda pod, place: 2 if place >= -1 else 10,
        )
        .logged(range(20), "timeout waiting for connection from pool")
        .changed(-1, "configuration", "Database pool", before="10", after="2")
        .report()
    )
    assert cause(report) == ("pool", "high")
    assert state(report, "change") == ["contributes"]
    assert "Database pool (10 → 2)" in report.root_cause.chain[0].text


def test_only_one_pod_is_at_most_medium_and_says_what_is_not_known(story: Any) -> None:
    report = story.fails(0, 20, 0.6, pods=("web-3",)).report()
    assert cause(report) == ("pod", "low")
    assert report.root_cause.title == "Pod web-3 alone failed"
    assert "not known" in report.root_cause.because.text


def test_planned_work_around_the_failures_explains_them(story: Any) -> None:
    report = story.fails(0, 5, 0.4).changed(-1, "maintenance", "Node upgrade", ended=8, planned=True).report()
    assert cause(report) == ("maintenance", "high")


def test_pods_that_go_away_are_seen_in_the_samples(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.4, status=502)
        .sampled(pod=lambda pod, place: 0 if pod == "web-3" and place >= -1 else 1)
        .logged((-10,), "mail bounced")
        .report()
    )
    assert cause(report) == ("instances", "high")
    assert "2 pods reported, 3 before" in text(report.root_cause.chain)


def test_a_surge_alone_is_low(story: Any) -> None:
    story.per_minute = lambda place: 120 if -3 <= place < 12 else 30
    report = story.fails(0, 12, 0.3).sampled().logged((-20,), "mail bounced").report()
    assert cause(report) == ("traffic", "low")


def test_a_surge_that_began_before_the_failures_says_so(story: Any) -> None:
    told = "in that hour's busiest minute: it rose before the failures"
    story.per_minute = lambda place: 120 if -10 <= place < 12 else 30
    story.fails(0, 12, 0.3)
    assert f"2/s {told}" in text(story.report().root_cause.chain)
    story.per_minute = lambda place: 120 if 0 <= place < 12 else 30
    chain = text(story.report().root_cause.chain)
    assert "More traffic than usual" in chain
    assert told not in chain


def test_two_resources_that_run_out_alike_are_inconclusive(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.3)
        .sampled(
            cpu_cores=lambda pod, place: 0.99 if 0 <= place < 10 else 0.3,
            pool_in_use=lambda pod, place: 10 if 0 <= place < 10 else 3,
        )
        .report()
    )
    assert cause(report) == ("", "inconclusive")
    assert "CPU used up" in report.root_cause.because.text
    assert "needs a model" in report.root_cause.chain[0].text


def test_a_rival_with_less_behind_it_lowers_the_confidence(exhausted: Any) -> None:
    exhausted.sampled(cpu_cores=lambda pod, place: 0.99 if 0 <= place < 8 else 0.3)
    report = exhausted.report()
    assert cause(report) == ("pool", "medium")
    assert "CPU used up stands as well" in report.root_cause.because.text


def test_nothing_that_stands_out_is_inconclusive_with_what_was_ruled_out(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.3)
        .sampled(pool_in_use=lambda pod, place: 3)
        .logged(range(10), "request failed")
        .changed(-2000, "deployment", "Release")
        .told(1, "fired", rule="HighErrorRate")
        .report()
    )
    assert cause(report) == ("", "inconclusive")
    assert {"pool", "memory", "cpu", "disk", "pod", "endpoint", "change"} <= {
        one.name for one in report.ruled_out
    }
    assert [line.key for line in report.actions if line.key == "cause"] == ["cause"]
    assert report.long_term == ()


def test_with_requests_alone_what_was_not_looked_at_is_named_and_asked_for(story: Any) -> None:
    report = story.fails(0, 10, 0.3).report()
    assert cause(report) == ("", "inconclusive")
    assert {"pool", "memory", "cpu", "disk", "change"} <= {one.name for one in report.not_looked_at}
    item = next(line for line in report.actions if line.key == "sources")
    assert "application log" in item.action.text
    assert "changes" in item.action.text


def test_a_log_that_names_the_pool_against_samples_that_do_not_show_it_is_doubted(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.3)
        .sampled(pool_in_use=lambda pod, place: 4)
        .logged(range(10), "connection pool exhausted")
        .report()
    )
    assert cause(report) == ("pool", "low")
    assert "at most 40%" in report.root_cause.because.text


@pytest.mark.parametrize("line", ["connection timeout", "too many clients already"])
def test_a_lack_of_connections_speaks_of_the_pool_where_it_ran_dry(story: Any, line: str) -> None:
    story.fails(0, 10, 0.3).logged(range(10), line)
    story.sampled(pool_in_use=lambda pod, place: 10 if 0 <= place < 10 else 3)
    assert cause(story.report()) == ("pool", "high")


def test_a_bare_time_out_of_connections_elsewhere_speaks_of_what_did_not_answer(story: Any) -> None:
    story.fails(0, 10, 0.3).logged(range(10), "connection timeout").sampled(pool_in_use=lambda pod, place: 3)
    assert cause(story.report()) == ("dependency", "medium")


def test_a_note_of_the_cause_is_told_and_no_source_of_its_own(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.3)
        .told(2, "fired", rule="HighErrorRate")
        .told(4, "note", "connection pool exhausted", milestone="root_cause")
        .report()
    )
    assert cause(report) == ("", "inconclusive")
    pool = next(one for one in report.considered if one.name == "pool")
    assert (pool.sources, text(pool.supports)) == (
        (),
        "alerts: noted as the root cause at 2025-11-18 14:19 PST",
    )


def test_two_of_three_pods_that_ran_out_and_failed_alone_bear_each_other_out(story: Any) -> None:
    hit = ("web-1", "web-3")
    report = (
        story.fails(0, 10, 0.5, pods=hit)
        .sampled(cpu_cores=lambda pod, place: 0.99 if pod in hit and 0 <= place < 10 else 0.3)
        .report()
    )
    assert cause(report) == ("cpu", "high")
    cpu = next(one for one in report.considered if one.name == "cpu")
    assert cpu.sources == ("resources", "requests")
    assert "where it did not run out, at most 0%" in text(cpu.supports)
    assert "2 of 3 pods failed" in text(
        one for found in report.considered if found.name == "pod" for one in found.against
    )


def test_a_pod_that_fails_without_running_out_speaks_against_the_resource(story: Any) -> None:
    report = (
        story.fails(0, 10, 0.5)
        .sampled(cpu_cores=lambda pod, place: 0.99 if pod == "web-1" and 0 <= place < 10 else 0.3)
        .report()
    )
    assert cause(report) == ("cpu", "low")
    assert "did not run out of it" in report.root_cause.because.text


def test_samples_every_five_minutes_are_enough(story: Any) -> None:
    story.fails(0, 12, 0.4).logged(range(12), "could not obtain a connection from the pool")
    story.every = 5
    story.sampled(pool_in_use=lambda pod, place: 10 if 0 <= place < 12 else 3)
    assert cause(story.report()) == ("pool", "high")


def test_one_line_of_an_out_of_memory_kill_among_many_errors_is_heard(story: Any) -> None:
    for number in range(60):
        story.logged(range(8), f"failed to render page {'abcdefghij'[number % 10] * (number // 10 + 3)}")
    report = (
        story.fails(0, 8, 0.5, pods=("web-2",))
        .sampled(memory_bytes=lambda pod, place: 511e6 if pod == "web-2" and -20 <= place < 4 else 200e6)
        .logged((4,), "Container web OOMKilled", pod="web-2")
        .report()
    )
    assert cause(report) == ("memory", "high")


def test_a_database_that_refuses_connections_is_not_the_pods_pool(story: Any) -> None:
    report = (
        story.fails(0, 8, 0.5)
        .sampled(pool_in_use=lambda pod, place: 4)
        .logged(range(8), "FATAL: sorry, too many clients already")
        .report()
    )
    assert cause(report) == ("server_connections", "medium")
    assert "pool" in {one.name for one in report.ruled_out}


def test_a_change_just_before_that_nothing_connects_is_told_as_such(exhausted: Any) -> None:
    exhausted.changes.insert(
        0,
        {
            "id": "C-0",
            "at": "2025-11-18T22:11:00Z",
            "kind": "deployment",
            "title": "Release",
            "version": "2.2",
        },
    )
    report = exhausted.report()
    assert cause(report) == ("pool", "high")
    assert state(report, "change") == ["stands"]
    assert "nothing shows whether it is connected" in report.root_cause.chain[0].text


@pytest.mark.parametrize(
    ("before", "after", "set_off"),
    [("1Gi", "512Mi", True), ("512Mi", "1Gi", False), ("small", "large", False)],
)
def test_a_limit_is_lowered_whatever_its_unit(story: Any, before: str, after: str, set_off: bool) -> None:
    report = (
        story.fails(0, 10, 0.5)
        .sampled(memory_bytes=lambda pod, place: 505e6 if place >= -1 else 300e6)
        .changed(-2, "configuration", "Memory limit", before=before, after=after)
        .report()
    )
    assert report.root_cause.name == "memory"
    assert state(report, "change") == ["contributes" if set_off else "stands"]
