"""Groups joined by a person or a model: the count follows from the tickets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.errors import UsageError
from postlaunch.tools.feedback_groups import Group, Member, Strength, merge_groups


def group(identity: str, *people: str, candidate: str = "", strength: Strength = "certain") -> Group:
    members = tuple(
        Member(ticket=f"{identity}-{place}", requester=person, strength=strength)
        for place, person in enumerate(people)
    )
    return Group(id=identity, label=identity, candidate=candidate, members=members)


def test_one_person_in_two_groups_counts_once_when_they_are_joined() -> None:
    joined = merge_groups([group("G1", "ann", "bob"), group("G2", "bob", "cy")], [{"G1", "G2"}])
    assert [(found.id, found.count, len(found.tickets)) for found in joined] == [("G1", 3, 4)]


def test_a_joined_group_keeps_the_candidate_of_whichever_had_one() -> None:
    joined = merge_groups([group("G1", "ann", "bob"), group("G2", "cy", candidate="2fa")], [["G2", "G1"]])
    assert (joined[0].id, joined[0].candidate) == ("G1", "2fa")


def test_the_other_groups_keep_their_ids_and_order() -> None:
    groups = [group(f"G{place}", "ann") for place in range(1, 5)]
    assert [found.id for found in merge_groups(groups, [{"G2", "G4"}])] == ["G1", "G2", "G3"]


def test_a_ticket_in_both_groups_keeps_its_stronger_membership() -> None:
    one, two = group("G1", "ann", strength="near"), group("G1", "ann", strength="certain")
    joined = merge_groups([one, two.model_copy(update={"id": "G2"})], [{"G1", "G2"}])
    assert joined[0].low == 1


@pytest.mark.parametrize(
    ("merges", "reason"),
    [
        ([{"G1", "G9"}], 'there is no group "G9"'),
        ([{"G1"}], "at least two"),
        ([["G1", "G1"]], "merged twice"),
        ([{"G1", "G2"}, {"G2", "G3"}], '"G2" is merged twice'),
        ([{"G1", "G3"}], "would join the candidates 2fa and dark"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(merges: list[set[str]], reason: str) -> None:
    groups = [group("G1", "ann", candidate="2fa"), group("G2", "bob"), group("G3", "cy", candidate="dark")]
    with pytest.raises(UsageError, match=reason):
        merge_groups(groups, merges)


def test_no_merges_change_nothing() -> None:
    groups = (group("G1", "ann"), group("G2", "bob"))
    assert merge_groups(groups, []) == groups


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6), min_size=2, max_size=5))
def test_joining_all_groups_counts_every_person_once(people: list[list[str]]) -> None:
    groups = [group(f"G{place}", *names) for place, names in enumerate(people)]
    joined = merge_groups(groups, [[found.id for found in groups]])
    assert len(joined) == 1
    assert joined[0].count == len({name for names in people for name in names})


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(("certain", "probable", "near", "against"))),
        max_size=12,
    )
)
def test_the_count_lies_within_its_range(members: list[tuple[str, Strength]]) -> None:
    found = Group(
        id="G1",
        label="x",
        members=tuple(
            Member(ticket=str(place), requester=person, strength=strength)
            for place, (person, strength) in enumerate(members)
        ),
    )
    assert found.low <= found.count <= found.high


def test_the_range_leaves_room_for_requests_in_words_that_no_rule_connects() -> None:
    assert group("G1", *(f"person {place}" for place in range(10))).high == 15
    assert group("G1").high == 0


def test_borderline_tickets_beyond_that_room_widen_the_range() -> None:
    certain = group("G1", "ann").members
    near = group("G2", *(f"person {place}" for place in range(9)), strength="near").members
    assert Group(id="G1", label="x", members=certain + near).high == 10
