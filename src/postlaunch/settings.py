"""The settings: `postlaunch.toml`, then the environment for secrets. Typed, frozen, with every default.

Reading the file and naming the key and line of an error is `postlaunch.settings_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from postlaunch.errors import SettingsError, UsageError
from postlaunch.facts import Frozen
from postlaunch.ledger_place import SQLITE, Place, PostgresPlace, problem_with
from postlaunch.settings_analytics import Analytics
from postlaunch.settings_cadence import Cadence
from postlaunch.settings_gate import KEYS_NEEDED, Gate, GateRules, RequiredTrust, known_gate
from postlaunch.settings_handoffs import HandOffs
from postlaunch.settings_incidents import Incidents
from postlaunch.settings_monitoring import Monitoring
from postlaunch.settings_notify import Listen, Notify
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES, Objective
from postlaunch.settings_performance import Performance
from postlaunch.settings_product import Product
from postlaunch.settings_sources import Sources
from postlaunch.windows import zone_named


def _zone(name: str) -> str:
    try:
        zone_named(name)
    except UsageError as error:
        raise ValueError(f"{error}; {error.remedy}") from error
    return name


class Application(Frozen):
    """What is being operated.

    Attributes:
        name: short, because the keys of sprints and hand-offs hold it with an item's id.
    """

    name: str = Field(default="Application", max_length=70)
    version: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    currency: str = "$"


class ModelSettings(Frozen):
    """The language model. No model is used unless `name` is set; a key in the environment alone never is.

    Attributes:
        base_url: any OpenAI-compatible endpoint; empty for the vendor's own.
        api_key_env: the environment variable that holds the key (never the key itself).
        price_in, price_out: money per million tokens, for the estimate and the budget; None: unknown.
        facts_shown: measured facts that a specialist's model is shown at once, and at most as many verdicts
            and texts; it can ask for the others by a tool. A model with a short context needs fewer.
    """

    name: str = ""
    base_url: str = ""
    api_key_env: str = "OPENAI_API_KEY"
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_output_tokens: int = Field(default=2000, gt=0)
    timeout_seconds: float = Field(default=60, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)
    facts_shown: int = Field(default=60, ge=1)


class Budget(Frozen):
    """Limits of one run, over all its specialists. Reaching one ends the investigation, not the report.

    Attributes:
        tool_calls: 0: no specialist investigates, the model judges what was measured.
    """

    tool_calls: int = Field(default=24, ge=0)
    consults: int = Field(default=3, ge=0)
    consult_depth: int = Field(default=2, ge=0)
    tokens: int = Field(default=300_000, ge=0)
    money: float | None = Field(default=None, ge=0)
    seconds: float = Field(default=600, gt=0)
    rows: int = Field(default=200, gt=0, le=10_000)
    query_seconds: float = Field(default=60, gt=0)


class Party(Frozen):
    """One named party: an agent or a person who can own an item.

    Attributes:
        days: working days it has for one sprint; None: the sprint's length.
        approver: may decide at gates.
        roles: what it may be asked for by; `gate.roles` names those that decide.
        skills: what it knows how to do; an item may ask for days of a skill, whoever has it.
    """

    name: str
    kind: Literal["agent", "person"] = "agent"
    role: str = ""
    aliases: tuple[str, ...] = ()
    days: float | None = Field(default=None, ge=0)
    approver: bool = False
    roles: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


class Capacity(Frozen):
    """What a sprint can hold.

    Attributes:
        sprint_days: working days of one party in the sprint.
        buffer: share of each party's days kept free.
        must_share: Musts may take at most this share of capacity.
        next_sprint: number of the first sprint to plan here; later ones follow the last committed.
        testing_and_documentation: days of it per day of scope, added as an item of the scope.
        testing_owner: who does it.
    """

    sprint_days: float = Field(default=10, gt=0)
    buffer: float = Field(default=0.1, ge=0, lt=1)
    must_share: float = Field(default=0.6, gt=0, le=1)
    next_sprint: int | None = Field(default=None, ge=1)
    testing_and_documentation: float = Field(default=0.18, ge=0, le=1)
    testing_owner: str = "testing-expert"


class Verdicts(Frozen):
    """The numbers in the verdict tables (`docs/definitions.md`); code owns the verdicts, these tune them.

    Attributes:
        worse_relative, worse_points: a row within target warns when worse by more than this share (and, for
            rates, by more than this difference of ratios).
        near_target: a row warns when it uses more than this share of its target.
        budget_spent_attention: share of an error budget above which the grade asks for attention.
        large_effort_days, many_components: an item over so many days goes to Phase 1, one that touches more
            components to Phase 2.
        discover_new: whether a new user-facing capability without an approved brief goes to Phase 1.
        complex_touches: what makes a change one for Phase 2, where an item touches it.
        slow_band: an endpoint is to be investigated above this multiple of the response time's target.
        error_cluster, error_cluster_least: an endpoint with at least this share of the server errors is to be
            mended, where there are at least so many of them.
        least_measured: EXCELLENT and GOOD need at least this share of the objectives measured.
        rejected_lines: share of log lines that do not parse above which the parsing is to be mended.
        severity_1, severity_2, severity_3: share of requests failing from which an incident is SEV-1, 2, 3.
    """

    worse_relative: float = Field(default=0.20, ge=0)
    worse_points: float = Field(default=0.0002, ge=0, le=1)
    near_target: float = Field(default=0.80, gt=0, le=1)
    budget_spent_attention: float = Field(default=0.50, ge=0)
    roi_high: float = Field(default=1.0, ge=0)
    roi_medium: float = Field(default=0.2, ge=0)
    roi_months: int = Field(default=12, ge=1)
    large_effort_days: float = Field(default=5, gt=0)
    many_components: int = Field(default=2, ge=1)
    discover_new: bool = True
    complex_touches: tuple[Literal["schema", "public_api", "security_model"], ...] = (
        "schema",
        "public_api",
        "security_model",
    )
    slow_band: float = Field(default=1.0, gt=0)
    error_cluster: float = Field(default=0.5, gt=0, le=1)
    error_cluster_least: int = Field(default=10, ge=1)
    least_measured: float = Field(default=0.5, ge=0, le=1)
    rejected_lines: float = Field(default=0.01, ge=0, le=1)
    severity_1: float = Field(default=0.25, gt=0, le=1)
    severity_2: float = Field(default=0.05, gt=0, le=1)
    severity_3: float = Field(default=0.001, gt=0, le=1)

    @field_validator("severity_2", "severity_3")
    @classmethod
    def _the_graver_needs_more(cls, value: float, info: ValidationInfo) -> float:
        graver = info.data.get("severity_1" if info.field_name == "severity_2" else "severity_2")
        if graver is not None and value > graver:
            raise ValueError(f"{value:g} is more than the next graver one's {graver:g}")
        return value


class LedgerSettings(Frozen, hide_input_in_errors=True):
    """The database of runs, facts, approvals and commitments.

    Attributes:
        url: a SQLite file, or a PostgreSQL database without its password.
        password_env: the environment variable that holds PostgreSQL's password (never the password itself);
            "" leaves it to PGPASSWORD and ~/.pgpass.
    """

    url: str = "sqlite:///.postlaunch/postlaunch.db"
    password_env: str = ""
    lease_seconds: float = Field(default=60, gt=0)

    @field_validator("url")
    @classmethod
    def _known_and_without_a_password(cls, value: str) -> str:
        problem = problem_with(value)
        if problem:
            raise ValueError(problem)
        return value


class Reports(Frozen):
    """Where reports and hand-offs are written, and where request logs are staged."""

    folder: str = "reports"
    handoffs: str = "handoffs"
    staging: str = ".postlaunch/staged"


class Privacy(Frozen):
    """What a model may see of people (`docs/security.md`).

    Attributes:
        pseudonymise: replace addresses, e-mail, phone numbers and user ids by stable pseudonyms
            before text reaches a model. Switching it off is for models that run in your own house.
    """

    pseudonymise: bool = True


class Settings(Frozen):
    """All of it. `folder` is where the settings file stands; relative paths start there."""

    folder: Path = Path()
    application: Application = Application()
    objectives: dict[str, Objective] = Field(default_factory=lambda: dict(DEFAULT_OBJECTIVES))
    sources: Sources = Sources()
    model: ModelSettings = ModelSettings()
    budget: Budget = Budget()
    roster: tuple[Party, ...] = ()
    capacity: Capacity = Capacity()
    verdicts: Verdicts = Verdicts()
    analytics: Analytics = Analytics()
    monitoring: Monitoring = Monitoring()
    incidents: Incidents = Incidents()
    performance: Performance = Performance()
    product: Product = Product()
    cadence: Cadence = Cadence()
    gate: Gate = Gate()
    gates: dict[str, GateRules] = Field(default_factory=dict)
    handoffs: HandOffs = HandOffs()
    notify: Notify = Notify()
    listen: Listen = Listen()
    ledger: LedgerSettings = LedgerSettings()
    reports: Reports = Reports()
    privacy: Privacy = Privacy()

    @model_validator(mode="before")
    @classmethod
    def _objectives_refine_defaults(cls, data: object) -> object:
        """A file that names only `objectives.uptime.target` keeps the rest of that row."""
        if not isinstance(data, dict) or not isinstance(data.get("objectives"), dict):
            return data
        table: dict[str, object] = dict(DEFAULT_OBJECTIVES)
        for name, row in data["objectives"].items():
            default = DEFAULT_OBJECTIVES.get(name)
            table[name] = {**default.model_dump(), **row} if default and isinstance(row, dict) else row
        return {**data, "objectives": table}

    @field_validator("gates")
    @classmethod
    def _gates_are_known(cls, gates: dict[str, GateRules], info: ValidationInfo) -> dict[str, GateRules]:
        gate = info.data.get("gate", Gate())
        for name, rules in gates.items():
            known_gate(name)
            if rules.trust == "ssh" and not gate.allowed_signers:
                raise ValueError(f"{name} asks for signatures: {KEYS_NEEDED}")
        return gates

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who may decide at gates that have no rules of their own; empty: any name."""
        return self._deciding(self.gate.approvers, self.gate.roles)

    def approvers_at(self, gate: str) -> tuple[str, ...]:
        """Who may decide at a gate: its own approvers and roles, else those of all gates; empty: any name."""
        rules = self.gates.get(gate, GateRules())
        if rules.approvers is None and rules.roles is None:
            return self.approvers
        return self._deciding(rules.approvers or (), rules.roles or ())

    def _deciding(self, names: tuple[str, ...], roles: tuple[str, ...]) -> tuple[str, ...]:
        in_role = [party.name for party in self.roster if set(party.roles) & set(roles)]
        named = tuple(dict.fromkeys([*names, *in_role]))
        return named or tuple(party.name for party in self.roster if party.approver)

    def trust_at(self, gate: str) -> RequiredTrust:
        """Proof of who decides that a gate asks for at least."""
        return self.gates.get(gate, GateRules()).trust or self.gate.trust

    def expires_hours_at(self, gate: str) -> float:
        """After how many hours a gate's undecided request is closed."""
        return self.gates.get(gate, GateRules()).expires_hours or self.gate.expires_hours

    def path(self, text: str) -> Path:
        """A path of the settings, resolved against the settings file's folder."""
        return (self.folder / Path(text).expanduser()).resolve()

    def ledger_place(self, environment: Mapping[str, str]) -> Place:
        """The file or database behind `ledger.url`.

        Args:
            environment: where PostgreSQL's password is looked up.

        Raises:
            SettingsError: `ledger.password_env` names a variable that is not set.
        """
        url, named = self.ledger.url, self.ledger.password_env
        if url.startswith(SQLITE):
            return self.path(url.removeprefix(SQLITE))
        if named and not environment.get(named):
            raise SettingsError(
                f"the environment variable {named} is not set, and the ledger's password should be in it",
                f"set {named}, or take ledger.password_env out to use PGPASSWORD or ~/.pgpass",
                key="ledger.password_env",
            )
        return PostgresPlace(url, environment[named] if named else "")
