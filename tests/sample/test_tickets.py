"""The tickets and candidates of the sample."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime

from postlaunch.sample.generate import Sample
from postlaunch.settings_file import load_settings
from postlaunch.sources.candidates import open_candidates


def rows(sample: Sample) -> list[dict[str, str]]:
    with sample.tickets.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tickets_number_300_and_keep_under_the_objective_each_week(full: Sample) -> None:
    truth = full.read_truth()
    assert truth.tickets == len(rows(full)) == sum(truth.tickets_by_week.values()) == 300


def test_every_ticket_belongs_to_one_theme(full: Sample) -> None:
    themes = full.read_truth().themes
    filed = [ticket for theme in themes.values() for ticket in theme.tickets]
    assert sorted(filed) == sorted(row["ticket_id"] for row in rows(full))


def test_some_people_write_twice_and_spell_themselves_differently(full: Sample) -> None:
    requesters = [row["requester"] for row in rows(full)]
    assert len({name.casefold() for name in requesters}) < len(set(requesters)) < len(requesters)
    sms = full.read_truth().themes["password_reset_sms"]
    assert sms.requesters < len(sms.tickets)


def test_people_write_in_their_own_words(full: Sample) -> None:
    sms = set(full.read_truth().themes["password_reset_sms"].tickets)
    bodies = {row["body"] for row in rows(full) if row["ticket_id"] in sms}
    assert len(bodies) > 0.9 * len(sms)


def test_kinds_are_sometimes_missing_and_sometimes_wrong(full: Sample) -> None:
    truth = full.read_truth()
    kinds = {row["ticket_id"]: row["type"] for row in rows(full)}
    features = [
        kinds[ticket] for name in ("dark_mode", "two_factor") for ticket in truth.themes[name].tickets
    ]
    assert "" in features
    assert features.count("feature") > len(features) / 2


def test_complaints_about_the_incident_come_after_it(full: Sample) -> None:
    truth = full.read_truth()
    outage = set(truth.themes["outage"].tickets)
    written = [datetime.fromisoformat(row["created_at"]) for row in rows(full) if row["ticket_id"] in outage]
    assert all(moment > truth.incident.start for moment in written)


def test_one_ticket_gives_orders(full: Sample) -> None:
    truth = full.read_truth()
    texts = {row["ticket_id"]: row["body"] for row in rows(full)}
    assert len(truth.attacks) == 1
    assert "approve everything" in texts[truth.attacks[0]]


# --- candidates ---------------------------------------------------------------------------------------------


def test_candidates_and_tickets_know_each_other(small: Sample) -> None:
    items = {item.id for item in open_candidates(load_settings(small.settings, environment={})).items}
    asked = {theme.candidate for theme in small.read_truth().themes.values() if theme.candidate}
    assert asked <= items


def test_not_every_candidate_fits_the_capacity(small: Sample) -> None:
    items = open_candidates(load_settings(small.settings, environment={})).items
    capacity = small.read_truth().capacity
    wanted = Counter[str]()
    for item in items:
        wanted.update({owner: round(days * 100) for owner, days in item.effort.items()})
    assert any(days > capacity[owner] * 100 for owner, days in wanted.items())
    assert all(max(item.effort.values()) <= 10 for item in items)
