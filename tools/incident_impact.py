"""What an incident cost: users hit, and what it took of what the uptime objective allows."""

from __future__ import annotations

from postlaunch.facts import Assumed, Derived, Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.incident_parts import Allowance, AllowanceVerdict, UsersAffected
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.targets import Target
from postlaunch.tools.incident_case import Case
from postlaunch.tools.request_availability import LEAST_COVERAGE
from postlaunch.tools.verdicts import objective_days

MINUTES_A_DAY = 24 * 60
OF_WEEK = "of the users active in the 7 days up to its end"
TOO_FEW_MINUTES = (
    f"no probe: the log has requests in less than {LEAST_COVERAGE:.0%} of the incident's minutes"
)
NO_USERS = Unavailable(
    reason="the request log does not name users, and there are no product events",
    remedy="log the user with each request, or add [sources.events]",
)


def users_affected(case: Case) -> UsersAffected:
    """How many users had a failed request: counted where the log names users, else estimated from product
    events, else not available.
    """
    users, week = case.fact("span", "incident_users"), case.fact("users", "incident_week_users")
    if users is not None:
        return UsersAffected(
            count=Measured.of(users),
            share=_share(Measured.of(users), week),
            of=OF_WEEK,
            basis="distinct users with a failed request",
        )
    active = case.fact("event_users", "incident_event_users")
    rate = case.fact("span", "incident_error_rate")
    if active is None or rate is None:
        reason = NO_USERS if case.span is not None else Unavailable(reason="no failing requests were found")
        return UsersAffected(count=reason, share=reason)
    estimate = Derived.of(
        "product",
        Measured.of(active),
        Measured.of(rate),
        unit="count",
        statement="users with a product event in the incident × share of requests that failed",
    )
    return UsersAffected(
        count=estimate,
        share=_share(estimate, case.fact("event_users", "incident_event_week_users")),
        of=OF_WEEK,
        estimated=True,
        basis=estimate.statement,
    )


def _share(users: Measured | Derived, week: Fact | None) -> Quantity:
    if week is None or not week.value:
        return Unavailable(reason="it is not known how many users are active in a week")
    return Derived.of(
        "ratio", users, Measured.of(week), unit="ratio", statement="users affected ÷ users active in 7 days"
    )


# --- the uptime objective ---------------------------------------------------------------------------------


def allowances(case: Case) -> tuple[Allowance, ...]:
    """The uptime objective by time and by requests; nothing where the settings have none that allows any."""
    objective = case.settings.objectives.get("uptime")
    if objective is None:
        return ()
    target = Target.of("uptime", objective)
    days = objective_days(target.window)
    if days is None or target.direction != "above" or not 0 < target.value < 1:
        return ()
    return (_by_time(case, target, days), _by_requests(case, target))


def _by_time(case: Case, target: Target, days: float) -> Allowance:
    allowed = Assumed(
        value=(1 - target.value) * days * MINUTES_A_DAY,
        unit="minutes",
        who="the settings",
        basis=f"objectives.uptime: {target.text()}, for {days:g} days",
    )
    used, spent = case.fact("span", "incident_down_minutes"), case.fact("allowance", "allowance_down_minutes")
    whole = case.fact("span", "incident_minutes")
    untold = _why_untold(case)
    if spent is None or whole is None or untold is not None:
        return _unknown(case, "time", target, allowed, untold)
    if used is None:
        return _unknown(case, "time", target, allowed, Sentence(text=TOO_FEW_MINUTES))
    limit = value_text(allowed.value, "minutes")
    verdict = _verdict(spent.value, allowed.value)
    because = said(
        "down for {used} of the incident's {whole}; {spent} in {days} of {limit} allowed",
        used=used,
        whole=whole,
        spent=spent,
        days=value_text(days, "days"),
        limit=limit,
    )
    return Allowance(
        by="time",
        target=target,
        used=Measured.of(used),
        spent=Measured.of(spent),
        allowed=allowed,
        verdict=verdict,
        because=_bounded(because, spent),
    )


def _why_untold(case: Case) -> Sentence | None:
    """Why minutes down cannot be told from the requests; None where they can. A log proves failure, never
    absence: the rule is that of uptime.
    """
    covered = case.fact("allowance", "allowance_minutes_covered")
    if covered is None or covered.value >= LEAST_COVERAGE:
        return None
    return said(
        "no probe: the log has requests in {covered} of the minutes of the objective's window, as far as it "
        "reaches, and {least} are needed",
        covered=covered,
        least=value_text(LEAST_COVERAGE, "ratio"),
    )


def _by_requests(case: Case, target: Target) -> Allowance:
    used, spent = case.fact("span", "incident_failed_requests"), case.fact("allowance", "allowance_failed")
    requests = case.fact("allowance", "allowance_requests")
    if used is None or spent is None or requests is None:
        return _unknown(case, "requests", target, Unavailable(reason="no requests were measured"))
    share = Assumed(
        value=1 - target.value,
        unit="ratio",
        who="the settings",
        basis=f"objectives.uptime: {target.text()}",
    )
    allowed = Derived.of(
        "product",
        share,
        Measured.of(requests),
        unit="count",
        statement="share that may fail × requests in the objective's window",
    )
    verdict = _verdict(spent.value, allowed.value)
    because = said(
        "{used} failed in the incident; {spent} of {requests} in the objective's window, {limit} allowed",
        used=used,
        spent=spent,
        requests=requests,
        limit=value_text(allowed.value, "count"),
    )
    return Allowance(
        by="requests",
        target=target,
        used=Measured.of(used),
        spent=Measured.of(spent),
        allowed=allowed,
        verdict=verdict,
        because=_bounded(because, spent),
    )


def _verdict(spent: float, allowed: float) -> AllowanceVerdict:
    return "within" if spent <= allowed else "exceeded"


def _bounded(because: Sentence, spent: Fact) -> Sentence:
    return because.model_copy(update={"text": f"{because.text} ({spent.note})"}) if spent.note else because


def _unknown(
    case: Case, by: str, target: Target, allowed: Quantity, because: Sentence | None = None
) -> Allowance:
    otherwise = Sentence(text=case.reason("allowance", case.reason("span", "no failing requests were found")))
    because = because or otherwise
    nothing = Unavailable(reason=because.text)
    return Allowance.model_validate(
        {
            "by": by,
            "target": target,
            "used": nothing,
            "spent": nothing,
            "allowed": allowed,
            "verdict": "not available",
            "because": because,
        }
    )
