"""How much memory and processor time a process takes; nan where it is not Linux."""

from __future__ import annotations

import os
from pathlib import Path


def megabytes(what: str, pid: int | str = "self") -> float:
    """Return *what* of a process: `VmRSS` is now, `VmHWM` at most since it began.

    `getrusage` will not do for the latter: a process begins with the most of the one that started it.
    """
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) / 1024


def processor_seconds(pid: int) -> float:
    """Return what a process has taken so far, of all processors and of the system for it."""
    file = Path(f"/proc/{pid}/stat")
    if not file.is_file():
        return float("nan")
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
