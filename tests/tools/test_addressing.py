"""Which items address a finding: what they declare, or the endpoint they name; never likeness."""

from __future__ import annotations

import pytest

from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.addressing import addressing, endpoints_in, folded


def item(identity: str, *addresses: str, **fields: object) -> CandidateItem:
    return CandidateItem.model_validate(
        {"id": identity, "title": identity, "effort": {"ann": 1}, "addresses": addresses, **fields}
    )


@pytest.mark.parametrize(
    ("declared", "subject"),
    [
        ("GET /users", "GET /users"),
        ("get /users/", "GET /users"),
        ("PUT /users/{id}", "PUT /users/:id"),
        ("PUT /users/<int:pk>", "PUT /users/:id"),
        ("signed_up", "signed_up"),
        ("CVE-2025-1", "cve-2025-1"),
    ],
)
def test_a_declared_name_addresses_what_is_named_so(declared: str, subject: str) -> None:
    assert addressing([item("a", declared)], [subject]) == ("a",)


@pytest.mark.parametrize(
    ("declared", "subject"),
    [
        ("GET /users", "GET /users/:id"),
        ("GET /users/:id", "GET /users"),
        ("GET /users", "POST /users"),
        ("GET /users", "GET /users/:id/roles"),
        ("login", "login_form_shown"),
    ],
)
def test_a_name_that_is_only_alike_addresses_nothing(declared: str, subject: str) -> None:
    assert addressing([item("a", declared)], [subject]) == ()


def test_a_declared_phrase_addresses_words_that_hold_it_in_any_inflection() -> None:
    pool = item("a", "connection pool")
    assert addressing([pool], ["INC-2025-001"], "The database's connection pools were exhausted") == ("a",)
    assert addressing([pool], ["INC-2025-001"], "The pool of connections was exhausted") == ()


def test_a_single_word_is_a_name_and_no_phrase() -> None:
    assert addressing([item("a", "requests")], [], "half of the requests failed") == ()
    assert addressing([item("a", "requests")], ["requests"]) == ("a",)


def test_an_endpoint_in_words_is_no_phrase() -> None:
    assert addressing([item("a", "GET /users")], [], "compare GET /users with GET /users/:id") == ()


def test_without_a_declaration_the_endpoint_that_an_item_names_counts() -> None:
    measure = item("a", success_measure="p95 response time of PUT /users/:id")
    keyword = item("b", keywords=("slow", "GET /users"))
    assert addressing([measure, keyword], ["PUT /users/:id"]) == ("a",)
    assert addressing([measure, keyword], ["GET /users"]) == ("b",)


def test_what_an_item_declares_is_all_that_it_addresses() -> None:
    declared = item("a", "GET /users", success_measure="p95 response time of PUT /users/:id")
    assert addressing([declared], ["PUT /users/:id"]) == ()


def test_several_items_may_address_one_finding_and_one_item_several() -> None:
    items = [item("a", "x", "y"), item("b", "y")]
    assert addressing(items, ["y"]) == ("a", "b")
    assert addressing(items, ["x"]) == ("a",)


def test_nothing_is_addressed_by_an_empty_name() -> None:
    assert addressing([item("a", "x")], ["", " "]) == ()


def test_endpoints_are_read_out_of_a_sentence() -> None:
    assert endpoints_in("mean of GET /users/:id/permissions, and of post /login.") == (
        "get /users/:/permissions",
        "post /login",
    )
    assert folded("GET /") == "get /"
