"""What people decided about groups, on tickets that come, go and cluster differently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from postlaunch.errors import UsageError
from postlaunch.ledger.feedback_records import GroupAnchor, GroupingDecision
from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_decisions import standing
from postlaunch.tools.feedback_groups import Anchor, Group, Grouping, merge_groups

START = datetime(2025, 11, 17, tzinfo=UTC)
DARK = Anchor(candidate="dark", title="Dark mode", keywords=("dark mode",))
EXPORTS = [
    "please add an export of invoices to CSV files",
    "an export of invoices to CSV files would be great",
    "could you add CSV export of invoices please",
]
PRINTS = [
    "please add a print button for the yearly summary",
    "a print button for the yearly summary would be great",
    "could you add a print button to the yearly summary",
]


def tickets(texts: Sequence[str], first: int = 1) -> list[Ticket]:
    return [
        Ticket(
            id=f"T{number}",
            created_at=START + timedelta(hours=number),
            requester=f"person {number}",
            text=text,
            kind="feature",
        )
        for number, text in enumerate(texts, start=first)
    ]


ALL = tickets([*EXPORTS, *PRINTS, "please add dark mode", "dark mode please"])
EXPORT_IDS, PRINT_IDS = ("T1", "T2", "T3"), ("T4", "T5", "T6")


def holding(grouping: Grouping, ticket: str) -> Group:
    [found] = [group for group in grouping.groups if ticket in group.tickets]
    return found


def side(grouping: Grouping, ticket: str) -> GroupAnchor:
    group = holding(grouping, ticket)
    return GroupAnchor(candidate=group.candidate, label=group.label, tickets=group.tickets, terms=group.terms)


def decision(number: int, kind: str, **given: object) -> GroupingDecision:
    fields = {"application": "shop", "by": "Anna", "at": START, "number": number, "kind": kind, **given}
    return GroupingDecision.model_validate(fields)


PLAIN = group_requests(ALL, [DARK])
MERGE = decision(1, "merge", groups=(side(PLAIN, "T1"), side(PLAIN, "T4")))


def test_a_merge_joins_the_groups_and_says_who_did_it() -> None:
    joined = holding(group_requests(ALL, [DARK], [MERGE]), "T1")
    assert set(joined.tickets) == {*EXPORT_IDS, *PRINT_IDS}
    assert joined.count == 6
    assert "merged with" in joined.note()
    assert "by Anna on 2025-11-17" in joined.note()


def test_without_decisions_the_groups_are_two() -> None:
    assert holding(PLAIN, "T1").id != holding(PLAIN, "T4").id
    assert holding(PLAIN, "T1").decided == ()


def test_a_merge_takes_in_the_tickets_that_come_later() -> None:
    later = [*ALL, *tickets(["add CSV export of invoices", "a print button for the summary"], first=20)]
    joined = holding(group_requests(later, [DARK], [MERGE]), "T1")
    assert {"T20", "T21"} <= set(joined.tickets)


def test_a_merge_finds_its_groups_by_their_words_when_none_of_its_tickets_is_read_any_more() -> None:
    fresh = tickets([*EXPORTS, *PRINTS], first=50)
    joined = holding(group_requests(fresh, [], [MERGE]), "T50")
    assert len(joined.tickets) == 6


def test_a_merge_with_a_candidates_group_counts_for_the_candidate() -> None:
    merge = decision(1, "merge", groups=(side(PLAIN, "T1"), side(PLAIN, "T7")))
    joined = holding(group_requests(ALL, [DARK], [merge]), "T1")
    assert (joined.candidate, joined.label, joined.count) == ("dark", "Dark mode", 5)


def test_a_merge_with_a_candidates_group_stands_after_the_item_is_gone() -> None:
    merge = decision(1, "merge", groups=(side(PLAIN, "T1"), side(PLAIN, "T7")))
    joined = holding(group_requests(ALL, [], [merge]), "T1")
    assert {*EXPORT_IDS, "T7", "T8"} <= set(joined.tickets)
    assert joined.candidate == ""


def test_requests_that_stand_alone_today_are_taken_in_where_they_are_evidence() -> None:
    few = [ALL[0], *ALL[3:6]]
    assert group_requests(few, []).alone == ("T1",)
    after = group_requests(few, [], [MERGE])
    assert "T1" in holding(after, "T4").tickets
    assert after.alone == ()


def test_a_merge_of_what_is_gone_is_told_and_changes_nothing() -> None:
    other = tickets(["please add a calendar", "a calendar please"], first=70)
    after = group_requests(other, [], [MERGE])
    assert after.groups == group_requests(other, []).groups
    [note] = after.notes
    assert "was not applied" in note
    assert "decision 1" in note


def test_an_undo_takes_a_merge_back_and_an_undo_of_that_brings_it_again() -> None:
    undo, again = decision(2, "undo", undoes=1), decision(3, "undo", undoes=2)
    assert group_requests(ALL, [DARK], [MERGE, undo]).groups == PLAIN.groups
    assert holding(group_requests(ALL, [DARK], [MERGE, undo, again]), "T1").count == 6


def test_a_split_of_all_that_one_side_had_takes_the_merge_back_also_for_tickets_that_came_later() -> None:
    merged = group_requests(ALL, [DARK], [MERGE])
    split = decision(2, "split", groups=(side(merged, "T1"),), tickets=PRINT_IDS)
    later = [*ALL, *tickets(["a print button for the summary"], first=20)]
    after = group_requests(later, [DARK], [MERGE, split])
    assert set(holding(after, "T1").tickets) == set(EXPORT_IDS)
    assert set(holding(after, "T4").tickets) == {*PRINT_IDS, "T20"}


def test_a_split_sets_tickets_apart_as_a_group_of_their_own() -> None:
    split = decision(1, "split", groups=(side(PLAIN, "T1"),), tickets=("T2",))
    after = group_requests(ALL, [DARK], [split])
    assert holding(after, "T2").tickets == ("T2",)
    assert holding(after, "T2").label
    assert "set apart from" in holding(after, "T2").note()
    assert set(holding(after, "T1").tickets) == {"T1", "T3"}
    assert "1 tickets set apart by Anna" in holding(after, "T1").note()


def test_a_later_merge_has_the_last_word_over_a_split() -> None:
    split = decision(1, "split", groups=(side(PLAIN, "T1"),), tickets=("T2",))
    apart = group_requests(ALL, [DARK], [split])
    merge = decision(2, "merge", groups=(side(apart, "T1"), side(apart, "T2")))
    after = group_requests(ALL, [DARK], [split, merge])
    assert set(holding(after, "T1").tickets) == set(EXPORT_IDS)
    assert holding(after, "T1").apart == ()


def test_nobody_but_a_person_puts_together_what_a_person_set_apart() -> None:
    split = decision(1, "split", groups=(side(PLAIN, "T1"),), tickets=("T2",))
    after = group_requests(ALL, [DARK], [split])
    with pytest.raises(UsageError, match="apart"):
        merge_groups(after.groups, [(holding(after, "T1").id, holding(after, "T2").id)])


def test_a_split_leaves_no_ticket_uncounted_or_counted_twice() -> None:
    split = decision(2, "split", groups=(side(PLAIN, "T4"),), tickets=("T4", "T5"))
    after = group_requests(ALL, [DARK], [MERGE, split])
    counted = sorted(ticket for group in after.groups for ticket in group.tickets)
    assert counted == sorted(ticket for group in PLAIN.groups for ticket in group.tickets)


def test_groups_of_two_candidates_are_not_merged_and_that_is_told() -> None:
    bright = Anchor(candidate="export", title="CSV export", keywords=("csv export",))
    both = group_requests(ALL, [DARK, bright])
    merge = decision(1, "merge", groups=(side(both, "T7"), side(both, "T3")))
    after = group_requests(ALL, [DARK, bright], [merge])
    assert after.groups == both.groups
    assert "would join the candidates" in after.notes[-1]


def test_the_same_decisions_give_the_same_groups_in_whatever_order_they_are_given() -> None:
    split = decision(2, "split", groups=(side(PLAIN, "T1"),), tickets=("T2",))
    assert group_requests(ALL, [DARK], [MERGE, split]) == group_requests(ALL, [DARK], [split, MERGE])
    assert standing([split, MERGE]) == (MERGE, split)
