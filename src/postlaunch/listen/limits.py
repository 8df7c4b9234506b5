"""How often one address may ask: enough for a person, too little for trying links out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RateLimit:
    """A bucket of permits for each address, filled again at a steady pace.

    Attributes:
        burst: permits of a full bucket.
        per_second: permits that come back.
        addresses: how many are remembered; the one that asked longest ago is forgotten first.
        now: seconds of a clock that never goes back.
    """

    burst: float
    per_second: float
    now: Callable[[], float]
    addresses: int = 1000
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, address: str) -> bool:
        """Take a permit from an address's bucket; whether there was one."""
        return self._taken(address, 1) >= 1

    def charge(self, address: str, permits: float) -> None:
        """Take more permits from an address's bucket, as far as they go."""
        self._taken(address, permits)

    def _taken(self, address: str, permits: float) -> float:
        """Take permits; how many there were."""
        with self._lock:
            moment = self.now()
            left, last = self._buckets.pop(address, (self.burst, moment))
            left = min(self.burst, left + (moment - last) * self.per_second)
            self._buckets[address] = (max(0.0, left - permits), moment)
            while len(self._buckets) > self.addresses:
                self._buckets.popitem(last=False)
            return left
