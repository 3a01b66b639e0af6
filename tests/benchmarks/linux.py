"""Memory and processor time of a process, read from /proc; nan on systems other than Linux."""

from __future__ import annotations

import os
from pathlib import Path


def megabytes(what: str, pid: int | str = "self") -> float:
    """Return *what* of a process: `VmRSS` for its current memory, `VmHWM` for its peak.

    `getrusage` is no use for the peak: a process inherits that of its parent.
    """
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) / 1024


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process so far, user and system time together."""
    file = Path(f"/proc/{pid}/stat")
    if not file.is_file():
        return float("nan")
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
