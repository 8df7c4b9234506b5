"""Names that are computed, so that the same thing has the same name whoever writes it."""

from __future__ import annotations

from postlaunch.facts import digest_of


def request_id(run: str, gate: str, round_: int) -> str:
    """The id of a run's request at a gate in one round. A decision's hash covers it, and so all three."""
    return f"R{digest_of([run, gate, round_])[:8]}"


def fits(id: str, run: str, gate: str, round_: int) -> bool:
    """Whether an id is of this run, gate and round; a pipeline's question was once named without a round."""
    return id in (request_id(run, gate, round_), f"R{digest_of([run, gate])[:8]}")


def sprint_key(application: str, sprint: int) -> str:
    """The business key under which a sprint is committed, whoever commits it."""
    return f"sprint/{application}/{sprint}"
