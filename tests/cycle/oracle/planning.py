"""Figures of tickets, costs, scans, competitors, candidates and the launch record, counted from the files."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import yaml

from oracle.between import Between
from oracle.requests import Figures
from oracle.world import Asked, World, bounds
from postlaunch.sample.tickets import tickets_of
from postlaunch.sample.written_tickets import WrittenTicket
from postlaunch.windows import Window

DAYS_A_MONTH = 365.2425 / 12


class OfTickets:
    """What people wrote."""

    def __init__(self, world: World) -> None:
        self.world = world

    def figures(self) -> Figures:
        """By name."""
        return {
            "support_tickets": lambda asked: len(self._inside(asked.window)),
            "tickets_of_kind": lambda asked: sum(
                (ticket.kind or "no kind given") == asked.entity for ticket in self._inside(asked.window)
            ),
            "support_ticket_rate": lambda asked: (
                len(self._inside(asked.window)) / (len(self.world.days(asked.window)) / 7)
            ),
            "feature_requests": self._feature_requests,
            "group_requesters": self._requesters,
            "group_tickets": self._tickets,
        }

    @cached_property
    def tickets(self) -> list[WrittenTicket]:
        """As they were written, with who and what about."""
        last, incident = self.world.application.calendar.weeks[-1], self.world.application.incident
        return list(tickets_of(random.Random(f"tickets {self.world.sample.seed}"), last, incident))

    def _inside(self, window: Window) -> list[WrittenTicket]:
        start, end = bounds(window)
        return [ticket for ticket in self.tickets if start <= ticket.at < end]

    # Words are counted by what they seem to say: with an error that is known, and bounded here.

    def _feature_requests(self, asked: Asked) -> Between:
        themes = self.world.truth.themes
        true = sum(themes[ticket.theme].kind == "feature" for ticket in self._upto(asked.window))
        return Between(0.9 * true, 1.1 * true)

    def _requesters(self, asked: Asked) -> Between:
        return self._grouped(asked, lambda tickets: len({ticket.person for ticket in tickets}))

    def _tickets(self, asked: Asked) -> Between:
        return self._grouped(asked, len)

    def _grouped(self, asked: Asked, count: Any) -> Between:
        """Groups come by how many ask: first the themes by how many asked, then what fewer ask for."""
        themes = self.world.truth.themes
        upto = self._upto(asked.window)
        about = {
            name: [ticket for ticket in upto if ticket.theme == name]
            for name, theme in themes.items()
            if theme.kind == "feature" and theme.candidate
        }
        trues = sorted(map(count, about.values()), reverse=True)
        place = int(asked.entity.removeprefix("G")) - 1
        if place < len(trues):
            return Between(0.6 * trues[place], 1.1 * trues[place])
        return Between(0, trues[-1])

    def _upto(self, window: Window) -> list[WrittenTicket]:
        """The span of what people ask for ends with the second of its last ticket."""
        _, end = bounds(window)
        return [ticket for ticket in self.tickets if ticket.at < end + 1000]


class OfFiles:
    """What stands in the small files."""

    def __init__(self, world: World) -> None:
        self.sample = world.sample

    def figures(self) -> Figures:
        """By name."""
        return {**self._costs(), **self._scans(), **self._competitors(), **self._stated()}

    # --- costs --------------------------------------------------------------------------------------------

    @cached_property
    def costs(self) -> list[Mapping[str, Any]]:
        """The bill's lines."""
        with self.sample.costs.open(encoding="utf-8", newline="") as file:
            return [
                {**line, "day": date.fromisoformat(line["day"]), "amount": float(line["amount"])}
                for line in csv.DictReader(file)
            ]

    def _costs(self) -> Figures:
        def a_month(asked: Asked, service: str = "") -> float:
            lines = self._lines(asked.window)
            days = {line["day"] for line in lines}
            amount = sum(line["amount"] for line in lines if service in ("", line["service"]))
            return amount / len(days) * DAYS_A_MONTH

        def paid(asked: Asked) -> tuple[float, float]:
            """Pod-days, and what they cost."""
            lines = [line for line in self._lines(asked.window) if line["unit"] == "pod"]
            pod_days = sum(float(line["quantity"]) for line in lines)
            return pod_days, sum(line["amount"] for line in lines)

        def pods(asked: Asked) -> float:
            return paid(asked)[0] / len({line["day"] for line in self._lines(asked.window)})

        return {
            "cost_a_month": a_month,
            "service_cost_a_month": lambda asked: a_month(asked, asked.entity),
            "pods_paid": pods,
            "pod_cost_a_month": lambda asked: paid(asked)[1] / paid(asked)[0] * DAYS_A_MONTH,
        }

    def _lines(self, window: Window) -> list[Mapping[str, Any]]:
        first, after = window.local(window.start).date(), window.local(window.end).date()
        return [line for line in self.costs if first <= line["day"] < after]

    # --- scans --------------------------------------------------------------------------------------------

    @cached_property
    def scans(self) -> list[Mapping[str, Any]]:
        """The rows of every scan, oldest first."""
        rows = json.loads(self.sample.vulnerabilities.read_text("utf-8"))
        return [{**row, "at": datetime.fromisoformat(row["scanned_at"])} for row in rows]

    def _scans(self) -> Figures:
        return {
            "newest_scan": lambda asked: max(row["at"] for row in self._before(asked.window)).timestamp(),
            "open_vulnerabilities": lambda asked: len(self._open(asked.window)),
            "vulnerabilities_of_severity": lambda asked: sum(
                row["severity"] == asked.entity for row in self._open(asked.window)
            ),
            "patched_vulnerabilities": lambda asked: len(self._patched(asked.window)),
            "vulnerability_score": lambda asked: self._known(asked)[1],
            "vulnerability_listed_since": lambda asked: min(self._listed(asked)).timestamp(),
            "vulnerability_patched_at": lambda asked: min(
                row["at"]
                for row in self._before(asked.window)
                if row["package"] == self._known(asked)[0] and row["at"] > max(self._listed(asked))
            ).timestamp(),
        }

    def _before(self, window: Window) -> list[Mapping[str, Any]]:
        return [row for row in self.scans if row["at"] < window.end]

    def _open(self, window: Window) -> list[Mapping[str, Any]]:
        rows = self._before(window)
        newest = max(row["at"] for row in rows)
        return [row for row in rows if row["at"] == newest and row.get("id")]

    def _patched(self, window: Window) -> set[str]:
        """Listed by the scan before one of the window, and by that no longer."""
        known, rows = set(), self._before(window)
        for row in rows:
            if row.get("id") and row["id"] not in {other["id"] for other in self._open(window)}:
                [after] = [
                    other["at"]
                    for other in rows
                    if other["package"] == row["package"]
                    and other["at"] > max(one["at"] for one in rows if one.get("id") == row["id"])
                ][:1]
                if window.contains(after):
                    known.add(row["id"])
        return known

    def _listed(self, asked: Asked) -> list[datetime]:
        identity = asked.entity.partition(" in ")[0]
        return [row["at"] for row in self._before(asked.window) if row.get("id") == identity]

    def _known(self, asked: Asked) -> tuple[str, float]:
        """The package, and the score that the truth gives."""
        identity, _, package = asked.entity.partition(" in ")
        truth = json.loads(self.sample.truth.read_text("utf-8"))["vulnerabilities"]
        return package, next(one["score"] for one in truth if one["id"] == identity)

    # --- competitors --------------------------------------------------------------------------------------

    def _competitors(self) -> Figures:
        def last_day(asked: Asked) -> date:
            return asked.window.local(asked.window.end - timedelta(microseconds=1)).date()

        def claims(asked: Asked) -> list[date]:
            whole = asked.entity == "application"
            known = [day for name, day in self._claims if whole or name == asked.entity]
            return [day for day in known if day <= last_day(asked)]

        def stale(asked: Asked) -> int:
            last = last_day(asked)
            month = last.month - asked.parameters["months"]
            year, month = (last.year, month) if month > 0 else (last.year - 1, month + 12)
            return sum(day < date(year, month, min(last.day, 28)) for day in claims(asked))

        return {
            "competitor_claims": lambda asked: len(claims(asked)),
            "competitors_noted": lambda asked: len({name for name, _ in self._claims if name}),
            "stale_claims": stale,
        }

    @cached_property
    def _claims(self) -> list[tuple[str, date]]:
        """Every claim: of whom ("" is our own position), and when it was noted."""
        notes = yaml.safe_load(self.sample.competitors.read_text("utf-8"))

        def day(claim: Mapping[str, Any]) -> date:
            return date.fromisoformat(str(claim["date"]))

        return [("", day(notes["positioning"]))] + [
            (competitor["name"], day(claim))
            for competitor in notes["competitors"]
            for claim in competitor.values()
            if isinstance(claim, dict)
        ]

    # --- what is stated -----------------------------------------------------------------------------------

    def _stated(self) -> Figures:
        record = yaml.safe_load(self.sample.launch.read_text("utf-8"))
        stated, tried = record["baseline"], record["load_profile"]
        values = {
            "launched_at": datetime.fromisoformat(record["launched_at"]).timestamp(),
            "launch_pods": stated["pods"],
            "launch_mean_response_time": stated["mean_ms"],
            "launch_p95_response_time": stated["p95_ms"],
            "launch_error_rate": stated["error_rate"],
            "launch_requests_per_second": stated["requests_per_second"],
            "launch_memory_used": stated["memory_mb_per_pod"] * 1e6,
            "launch_cpu_share": stated["cpu_share_per_pod"],
            "launch_pool_limit": record["pool"]["size"],
            "launch_load_requests_per_second": tried["requests_per_second"],
            "launch_alert_rules": len(record["alert_rules"]),
            "launch_runbooks": len(record["runbooks"]),
        }
        return {name: lambda asked, value=value: value for name, value in values.items()} | {
            "effort_days": self._effort
        }

    def _effort(self, asked: Asked) -> float:
        items = yaml.safe_load(self.sample.candidates.read_text("utf-8"))
        return float(sum(next(item for item in items if item["id"] == asked.entity)["effort"].values()))
