"""How much memory a process holds."""

from __future__ import annotations

from pathlib import Path


def megabytes(what: str, pid: int | str = "self") -> float:
    """Return *what* of a process: `VmRSS` is now, `VmHWM` at most since it began; nan where it is not Linux.

    `getrusage` will not do for the latter: a process begins with the most of the one that started it.
    """
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) / 1024
