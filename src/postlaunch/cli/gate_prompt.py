"""The interactive gate: a person looks, edits, asks for changes, decides; Ctrl-C leaves the request open."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from postlaunch.cli.proposal import proposal_of, show_proposal
from postlaunch.errors import DecisionRefused
from postlaunch.ledger.records import ApprovalRequest, Decision, GateOption, ScopeEdits
from postlaunch.sync import PostLaunch

KEYS: dict[str, tuple[GateOption, str]] = {
    "a": ("approve", "approve"),
    "e": ("edit", "edit the scope"),
    "c": ("changes", "ask for changes"),
    "d": ("discovery", "new discovery"),
    "r": ("reject", "reject"),
}


@dataclass(frozen=True)
class GatePrompt:
    """One conversation about one request.

    Attributes:
        ask: prints a question and returns what was typed; raises EOFError or KeyboardInterrupt.
    """

    postlaunch: PostLaunch
    console: Console
    ask: Callable[[str], str]

    def decide(self, request: ApprovalRequest) -> Decision | None:
        """Show the request and take a decision; None when the person leaves it open."""
        show_proposal(self.console, request)
        try:
            return self._conversation(request)
        except (KeyboardInterrupt, EOFError):
            self.console.print()
            self.console.print("Left open. Nothing is committed.")
            return None

    def _conversation(self, request: ApprovalRequest) -> Decision | None:
        while True:
            offered = {key: text for key, (kind, text) in KEYS.items() if kind in request.options}
            menu = "  ".join(f"[{key}] {text}" for key, text in offered.items())
            answer = self.ask(f"{menu}  [q] leave it open > ").strip().lower()[:1]
            if answer == "q":
                raise EOFError
            if answer not in offered:
                continue
            try:
                decision = self._decision(request, KEYS[answer][0])
            except DecisionRefused as error:
                self.console.print(Text(f"Refused: {error}. {error.remedy}", style="red"), soft_wrap=True)
                continue
            if decision is not None:
                return decision

    def _decision(self, request: ApprovalRequest, kind: GateOption) -> Decision | None:
        scope: tuple[str, ...] | None = None
        text = ""
        edits: ScopeEdits | None = None
        if kind == "edit":
            scope = self._edited(request)
            if scope is None:
                return None
        if kind == "changes":
            text = self._text("What should change, in your own words? ")
            if not text:
                return None
        if kind == "discovery":
            text = self._text("What should be discovered? ")
            if not text:
                return None
        by = self._name(request)
        reason = self.ask("Reason (may be empty): ").strip()
        return self.postlaunch.decide(
            request.id, kind, by=by, reason=reason, scope=scope, edits=edits, text=text, digest=request.digest
        )

    def _text(self, question: str) -> str:
        return self.ask(question).strip()

    def _name(self, request: ApprovalRequest) -> str:
        default = request.approvers[0] if request.approvers else getpass.getuser()
        return self.ask(f"Your name [{default}]: ").strip() or default

    def _edited(self, request: ApprovalRequest) -> tuple[str, ...] | None:
        """Toggle items until the person is content; every step is checked against capacity."""
        backlog = proposal_of(request).backlog
        numbers = {str(item.number): item.id for item in backlog.items}
        chosen = set(backlog.scope.ids)
        while True:
            show_proposal(self.console, request, chosen)
            ordered = tuple(item.id for item in backlog.items if item.id in chosen)
            problems = self.postlaunch.check_scope(request.id, ordered)
            for problem in problems:
                self.console.print(Text(f"  {problem}", style="red"), soft_wrap=True)
            if not problems:
                self.console.print("  this scope fits", style="green")
            answer = self.ask("Numbers to take in or out, [d]one, [b]ack > ").strip().lower()
            if answer in ("b", "back"):
                return None
            if answer in ("d", "done", ""):
                if not problems:
                    return ordered
                continue
            for number in answer.replace(",", " ").split():
                if number in numbers:
                    chosen ^= {numbers[number]}
                else:
                    self.console.print(f"  there is no item {number}", markup=False)
