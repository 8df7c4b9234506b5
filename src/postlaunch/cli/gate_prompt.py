"""The interactive gate: a person looks, edits, asks for changes, decides; Ctrl-C leaves the request open."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from postlaunch.cli.proposal import show_details, show_fit, show_proposal
from postlaunch.cli.proving import Proving, Said
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.typed_edits import SIGNS, edits_and_words
from postlaunch.errors import AlreadyDecided, DecisionRefused, RequestExpired, UsageError
from postlaunch.graphs.proposing import proposal_of
from postlaunch.graphs.revising import in_words
from postlaunch.ledger.records import ApprovalRequest, GateOption, ScopeEdits
from postlaunch.sync import PostLaunch

KEYS: dict[str, tuple[GateOption, str]] = {
    "a": ("approve", "approve"),
    "e": ("edit", "edit the scope"),
    "c": ("changes", "ask for changes"),
    "d": ("discovery", "new discovery"),
    "r": ("reject", "reject"),
}
DETAILS, WHAT_IF, LEAVE = "s", "w", "q"


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
            if self.postlaunch.decision(request.id) is not None:
                self.console.print("\nStopped. What was decided is stored.")
                return True
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
        if answer == WHAT_IF:
            self._what_if(request)
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
        menu = [
            *offered,
            f"[{DETAILS}] show details",
            f"[{WHAT_IF}] what if an item is taken out or in",
            f"[{LEAVE}] leave it open",
        ]
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
                scope = ScopeEditing(self, request).edited()
            case "changes":
                edits, text = self._changes(request)
            case "discovery":
                text = self._text("What should be found out? > ")
        by = self._name(request)
        reason = self.ask("Reason (may be empty) > ").strip()
        said = Said(request.id, kind, by, reason, request.digest, scope=scope, edits=edits, text=text)
        proof = self._proving(request).proof(lambda: said.text_of(self.postlaunch), request.trust)
        self.postlaunch.decide(**said.arguments(), proof=proof)

    def _proving(self, request: ApprovalRequest) -> Proving:
        """Where a signature is asked for, the key to make it with."""
        if request.trust != "ssh":
            return Proving()
        return Proving(sign_key=Path(self._text("SSH key to sign with (its path) > ")))

    def _text(self, question: str) -> str:
        text = self.ask(question).strip()
        if not text:
            raise _NotYet
        return text

    def _name(self, request: ApprovalRequest) -> str:
        default = request.approvers[0] if request.approvers else getpass.getuser()
        return self.ask(f"Your name [{printable(default)}] > ").strip() or default

    def _what_if(self, request: ApprovalRequest) -> None:
        """Say what taking one item out of the proposal, or into it, would change; nothing is decided."""
        scope = proposal_of(request).backlog.scope.ids
        editing = ScopeEditing(self, request)
        for item in editing.named(self.ask("Which item, by number or id > ")):
            editing.say_what_changes(scope, item)

    def _changes(self, request: ApprovalRequest) -> tuple[ScopeEdits | None, str]:
        """Typed edits, the person's own words, or both."""
        self.console.print(f"In signs: {SIGNS}. Words may follow.")
        if not self.postlaunch.settings.model.name:
            self.console.print("Words are kept with the decision; no model is configured to act on them.")
        said = self._text("What should change? > ")
        edits, words = edits_and_words(said, numbers_of(request))
        if edits is not None:
            asked = printable(in_words(edits, proposal_of(request)))
            self.console.print(f"Asked for: {asked}." + (f' In words: "{printable(words)}"' if words else ""))
        return edits, words


@dataclass(frozen=True)
class ScopeEditing:
    """Taking items of one proposal in and out, each step held against everyone's days."""

    prompt: GatePrompt
    request: ApprovalRequest

    def edited(self) -> tuple[str, ...]:
        """Toggle items until the person is content with a scope that fits; gives its ids."""
        chosen = set(proposal_of(self.request).backlog.scope.ids)
        console = self.prompt.console
        while True:
            show_proposal(console, self.request, chosen)
            fits = self._show_fit(chosen)
            question = "Numbers or ids to take in or out, w NUMBER asks first, [d]one, [b]ack > "
            answer = self.prompt.ask(question).strip()
            match answer.lower().split():
                case ["b" | "back"]:
                    raise _NotYet
                case ["d" | "done"] if fits:
                    return self._ordered(chosen)
                case ["d" | "done"]:
                    console.print("It cannot be committed while it does not fit.")
                case ["w", *_]:
                    for item in self.named(answer[1:]):
                        self.say_what_changes(self._ordered(chosen), item)
                case _:
                    chosen ^= set(self.named(answer))

    def named(self, answer: str) -> tuple[str, ...]:
        """The ids of the items that were typed, by number or id; what names none is said."""
        numbers = numbers_of(self.request)
        ids = {item.lower(): item for item in numbers.values()}
        found: dict[str, None] = {}
        for typed in answer.replace(",", " ").split():
            item = numbers.get(typed) or ids.get(typed.lower())
            if item is None:
                self.prompt.console.print(f"  there is no item {printable(typed)}")
            else:
                found[item] = None
        return tuple(found)

    def say_what_changes(self, scope: tuple[str, ...], item: str) -> None:
        """Say whose days become free or are used, what goes along, and what there would be room for."""
        postlaunch, console = self.prompt.postlaunch, self.prompt.console
        change = postlaunch.what_changes(self.request.id, scope, item)
        first, *rest = change.lines()
        console.print(Text(printable(first), "bold"))
        for line in rest:
            console.print(f"  {printable(line)}")
        room = (one for one in postlaunch.view_scope(self.request.id, change.ids).room_for if one != item)
        others = ", ".join(self._titles(room))
        if change.kind == "take out":
            console.print(f"  Room for one of these instead: {others}." if others else "  Nothing else fits.")

    def _show_fit(self, chosen: set[str]) -> bool:
        """Say what the scope at hand comes to; whether it fits."""
        view = self.prompt.postlaunch.view_scope(self.request.id, self._ordered(chosen))
        show_fit(self.prompt.console, view.scope, self._titles(view.room_for))
        return view.scope.fits

    def _ordered(self, chosen: set[str]) -> tuple[str, ...]:
        return tuple(item for item in numbers_of(self.request).values() if item in chosen)

    def _titles(self, ids: Iterable[str]) -> list[str]:
        """Items as a person finds them: "10 Custom roles"."""
        wanted = set(ids)
        items = proposal_of(self.request).backlog.items
        return [f"{item.number} {printable(item.title)}" for item in items if item.id in wanted]


def numbers_of(request: ApprovalRequest) -> dict[str, str]:
    """An item's number as shown → its id, in the backlog's order."""
    return {str(item.number): item.id for item in proposal_of(request).backlog.items}
