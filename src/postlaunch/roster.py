"""Every named party that can own an item, be asked, or decide; and how a name finds its party.

The defaults are the parties of Phase 7 and of the phases it hands over to. `[[roster]]` in the settings adds
parties or, under a name that exists, replaces what it states. A party is found under its name or an alias,
whatever the case and whether words are joined by hyphens, underscores or spaces.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from postlaunch.errors import UsageError
from postlaunch.settings import Party, Settings

DEFAULT_PARTIES: tuple[Party, ...] = (
    # The specialists of Phase 7.
    Party(name="monitoring-specialist", role="continuous monitoring and health tracking"),
    Party(name="incident-responder", role="production issue handling and resolution"),
    Party(name="analytics-specialist", role="usage analytics and insights"),
    Party(name="product-analyst", role="product roadmap and enhancement planning"),
    # The existing agent that plays performance-monitor too: one party, one capacity.
    Party(
        name="performance-optimizer",
        role="continuous performance tracking and optimization",
        aliases=("performance-monitor",),
    ),
    # Agents of other phases that Phase 7 gives work to.
    Party(
        name="devops-cicd-expert",
        role="pipelines, containers, infrastructure, secrets",
        aliases=("Python DevOps/CI-CD Expert",),
    ),
    Party(name="database-architect", role="schema, indexes, migrations, scaling, backup"),
    Party(name="django-backend-expert", role="Django models, views, services"),
    Party(name="react-component-architect", role="React UI components"),
    Party(
        name="security-expert",
        role="code-level security implementation and review",
        aliases=("Python Security Expert",),
    ),
    Party(
        name="tailwind-css-expert",
        role="Tailwind styling, dark mode, accessibility",
        aliases=("tailwind-frontend-expert",),
    ),
    Party(
        name="testing-expert",
        role="unit, integration and end-to-end tests",
        aliases=("Python Testing Expert",),
    ),
    Party(name="release-manager", role="release plan, rollback, notes", aliases=("deployment-engineer",)),
    Party(name="security-auditor", role="audits, vulnerability scans, sign-off"),
    # People.
    Party(name="User", kind="person", role="owns the product, approves priorities", approver=True),
    Party(
        name="on-call engineer",
        kind="person",
        role="available for emergencies",
        aliases=("on-call",),
    ),
    Party(name="team", kind="person", role="reviews metrics weekly and plans improvements"),
    Party(name="Support", kind="person", role="answers users' tickets"),
    Party(name="customers", kind="person", role="use the application", aliases=("customer",), days=0),
    Party(
        name="stakeholders",
        kind="person",
        role="are told of incidents and results",
        aliases=("stakeholder",),
        days=0,
    ),
)
"""The parties known without any setting; those who only receive have no working days."""


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())


@dataclass(frozen=True)
class Roster:
    """The parties of one installation, in order; the names of later ones win over earlier aliases."""

    parties: tuple[Party, ...]

    @classmethod
    def from_settings(cls, settings: Settings) -> Roster:
        """The default parties, with the settings' own added or put in their place.

        Raises:
            UsageError: two parties claim the same name or alias.
        """
        parties = {_key(party.name): party for party in DEFAULT_PARTIES}
        for party in settings.roster:
            parties[_key(party.name)] = _refined(parties.get(_key(party.name)), party)
        roster = cls(tuple(parties.values()))
        roster._refuse_shared_names()
        return roster

    def _refuse_shared_names(self) -> None:
        claimed: dict[str, str] = {}
        for party in self.parties:
            for name in {_key(name) for name in (party.name, *party.aliases)}:
                other = claimed.setdefault(name, party.name)
                if other != party.name:
                    raise UsageError(
                        f'the roster gives the name "{name}" to both {other} and {party.name}',
                        "rename one, or drop the alias, under [[roster]] in postlaunch.toml",
                    )

    def find(self, name: str) -> Party | None:
        """The party of this name or alias, or None."""
        wanted = _key(name)
        for party in self.parties:
            if wanted in {_key(known) for known in (party.name, *party.aliases)}:
                return party
        return None

    def resolve(self, name: str) -> Party:
        """The party of this name or alias.

        Raises:
            UsageError: there is none; near matches are named.
        """
        party = self.find(name)
        if party is not None:
            return party
        near = self.near(name)
        meant = f"; near it: {', '.join(near)}" if near else ""
        raise UsageError(
            f'"{name}" is not in the roster{meant}',
            f"known: {', '.join(known.name for known in self.parties)}; another is added with "
            f'[[roster]] name = "{name}" in postlaunch.toml',
        )

    def near(self, name: str) -> tuple[str, ...]:
        """Up to three names that the writer may have meant."""
        known = {_key(alias): party.name for party in self.parties for alias in (party.name, *party.aliases)}
        close = difflib.get_close_matches(_key(name), known, n=3, cutoff=0.6)
        return tuple(dict.fromkeys(known[key] for key in close))

    def days(self, name: str, settings: Settings) -> float:
        """The working days of a party in one sprint, before the buffer.

        Raises:
            UsageError: no such party.
        """
        party = self.resolve(name)
        return settings.capacity.sprint_days if party.days is None else party.days

    def skilled(self) -> dict[str, tuple[str, ...]]:
        """Skill, in lower case → the names of those who have it, in the roster's order."""
        found: dict[str, tuple[str, ...]] = {}
        for party in self.parties:
            for skill in dict.fromkeys(_key(skill) for skill in party.skills):
                found[skill] = (*found.get(skill, ()), party.name)
        return found

    def skill(self, name: str) -> str:
        """A skill as `skilled` names it.

        Raises:
            UsageError: nobody has it; the known ones are named.
        """
        known = self.skilled()
        if _key(name) in known:
            return _key(name)
        listed = f"known: {', '.join(sorted(known))}" if known else "no party has any"
        raise UsageError(
            f'nobody in the roster has the skill "{name}"; {listed}',
            f'add skills = ["{name}"] to a [[roster]] party in postlaunch.toml',
        )

    def approvers(self) -> tuple[str, ...]:
        """The names of those who may decide at gates."""
        return tuple(party.name for party in self.parties if party.approver)


def _refined(default: Party | None, stated: Party) -> Party:
    """What the settings state, over the default party of that name; aliases add up."""
    if default is None:
        return stated
    given = {name: getattr(stated, name) for name in stated.model_fields_set if name != "aliases"}
    return default.model_copy(update={**given, "aliases": _union(default.aliases, stated.aliases)})


def _union(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
