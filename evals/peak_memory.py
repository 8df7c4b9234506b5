"""How much memory this process has held at most."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

__all__ = ["peak_megabytes"]

_STATUS = Path("/proc/self/status")
_HIGHEST = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def peak_megabytes() -> float:
    """The most memory that this program has held at once, in MB.

    On Linux the kernel's own mark of this program is read. `ru_maxrss` does not serve there: it is carried
    over from the process that started this one, so that a small program looks as large as its parent.
    """
    if _STATUS.exists() and (mark := _HIGHEST.search(_STATUS.read_text(encoding="ascii"))):
        return int(mark.group(1)) / 1024
    per_megabyte = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_megabyte
