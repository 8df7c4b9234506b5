"""The last step of every workflow: the signals it took, where the run stands, and its session closed."""

from __future__ import annotations

from postlaunch.graphs.handing import settle_taken
from postlaunch.graphs.session import Services


def close_run(services: Services, run: str) -> None:
    """Settle what the run took, and the run as done. Blocking; may run again.

    In this order: a run that is done is not moved again, and would leave its signals pending.

    Raises:
        LeaseLost: another process moves this run now.
    """
    session = services.session(run)
    settle_taken(session)
    session.settle("done")
    services.leave(run)
