"""The interactive gate: a person looks, edits, asks for changes, decides; Ctrl-C leaves the request open."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from postlaunch.cli.proposal import show_details, show_proposal
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.typed_edits import SIGNS, edits_in
from postlaunch.errors import AlreadyDecided, DecisionRefused, RequestExpired, UsageError
from postlaunch.graphs.proposing import proposal_of
from postlaunch.ledger.records import ApprovalRequest, GateOption, ScopeEdits
from postlaunch.sync import PostLaunch

KEYS: dict[str, tuple[GateOption, str]] = {
    "a": ("approve", "approve"),
    "e": ("edit", "edit the scope"),
    "c": ("changes", "ask for changes"),
    "d": ("discovery", "new discovery"),
    "r": ("reject", "reject"),
}
DETAILS, LEAVE = "s", "q"


class _LeftOpen(Exception):
    """The person left without a decision."""


class _NotYet(Exception):
    """The person went back to the choice of what to do."""


@dataclass(frozen=True)
class GatePrompt:
    """Conversations about requests, one at a time.

    Attributes:
        ask: prints a question and returns what was typed; raises EOFError or KeyboardInterrupt.
    """

    postlaunch: PostLaunch
    console: Console
    ask: Callable[[str], str]

    def settle(self, request: ApprovalRequest) -> bool:
        """Show the request and take a decision.

        Returns:
            Whether it is decided now, here or by somebody else; False when the person left it open.
        """
        show_proposal(self.console, request)
        try:
            while not self._decided(request):
                pass
        except (KeyboardInterrupt, EOFError, _LeftOpen):
            self.console.print("\nLeft open. Nothing is committed.")
            return False
        return True

    def _decided(self, request: ApprovalRequest) -> bool:
        """One choice from the menu; whether it settled the request."""
        answer = self._chosen(request)
        if answer == LEAVE:
            raise _LeftOpen
        if answer == DETAILS:
            show_details(self.console, request)
            return False
        if answer not in KEYS or KEYS[answer][0] not in request.options:
            return False
        try:
            self._decide(request, KEYS[answer][0])
        except _NotYet:
            return False
        except (AlreadyDecided, RequestExpired) as error:
            self._refused(error)
            return True
        except (DecisionRefused, UsageError) as error:
            self._refused(error)
            return False
        return True

    def _chosen(self, request: ApprovalRequest) -> str:
        offered = [f"[{key}] {text}" for key, (kind, text) in KEYS.items() if kind in request.options]
        menu = [*offered, f"[{DETAILS}] show details", f"[{LEAVE}] leave it open"]
        self.console.print()
        self.console.print(Columns([Text(line, "bold") for line in menu], padding=(0, 2)))
        return self.ask("Your decision > ").strip().lower()[:1]

    def _refused(self, error: DecisionRefused | UsageError) -> None:
        self.console.print(Text(f"Refused: {printable(f'{error}. {error.remedy}'.strip())}", "red"))

    def _decide(self, request: ApprovalRequest, kind: GateOption) -> None:
        scope: tuple[str, ...] | None = None
        edits: ScopeEdits | None = None
        text = ""
        match kind:
            case "edit":
                scope = self._edited(request)
            case "changes":
                edits, text = self._changes(request)
            case "discovery":
                text = self._text("What should be found out? > ")
        by = self._name(request)
        reason = self.ask("Reason (may be empty) > ").strip()
        self.postlaunch.decide(
            request.id, kind, by=by, reason=reason, scope=scope, edits=edits, text=text, digest=request.digest
        )

    def _text(self, question: str) -> str:
        text = self.ask(question).strip()
        if not text:
            raise _NotYet
        return text

    def _name(self, request: ApprovalRequest) -> str:
        default = request.approvers[0] if request.approvers else getpass.getuser()
        return self.ask(f"Your name [{printable(default)}] > ").strip() or default

    def _changes(self, request: ApprovalRequest) -> tuple[ScopeEdits | None, str]:
        """Typed edits, or the person's own words."""
        if self.postlaunch.settings.model.name:
            self.console.print(f"Say it in your own words, or in signs: {SIGNS}.")
        else:
            self.console.print(f"In signs: {SIGNS}.")
            self.console.print("Words are kept with the decision; no model is configured to act on them.")
        text = self._text("What should change? > ")
        edits = edits_in(text, _numbers(request))
        return (edits, "") if edits else (None, text)

    def _edited(self, request: ApprovalRequest) -> tuple[str, ...]:
        """Toggle items until the person is content; every step is checked against capacity."""
        backlog = proposal_of(request).backlog
        numbers = _numbers(request)
        chosen = set(backlog.scope.ids)
        while True:
            show_proposal(self.console, request, chosen)
            ordered = tuple(item.id for item in backlog.items if item.id in chosen)
            problems = self.postlaunch.check_scope(request.id, ordered)
            for problem in problems:
                self.console.print(Text(f"  {printable(problem)}", "red"))
            if not problems:
                self.console.print(Text("  This scope fits.", "green"))
            answer = self.ask("Numbers to take in or out, [d]one, [b]ack > ").strip().lower()
            if answer in ("b", "back"):
                raise _NotYet
            if answer in ("d", "done"):
                if not problems:
                    return ordered
                continue
            chosen ^= self._toggled(answer, numbers)

    def _toggled(self, answer: str, numbers: dict[str, str]) -> set[str]:
        typed = dict.fromkeys(answer.replace(",", " ").split())
        for unknown in (number for number in typed if number not in numbers):
            self.console.print(f"  there is no item {printable(unknown)}")
        return {numbers[number] for number in typed if number in numbers}


def _numbers(request: ApprovalRequest) -> dict[str, str]:
    """An item's number as shown → its id."""
    return {str(item.number): item.id for item in proposal_of(request).backlog.items}
