"""The bot of the soak: `python -m bot run` in a process that counts what it holds when it gets SIGUSR1."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.linux import megabytes

REPORT = "SOAK_REPORT"
"""The environment variable that names the file for the counts."""


@dataclass(frozen=True)
class Held:
    """What the bot's process holds.

    *resident* is its memory in MB. *objects* are those that Python's garbage collector knows, *blocks* all
    small pieces of memory that Python has given out. *taken* are the MB that the C library gave out, SQLite's
    and large strings for instance, and *free* those that it keeps for later.
    """

    resident: float
    objects: int
    blocks: int
    taken: float
    free: float


def held() -> Held:
    """Return what this process holds, after a garbage collection."""
    gc.collect()
    objects = len(gc.get_objects()) + gc.get_freeze_count()
    taken, free = _c_library()
    return Held(megabytes("VmRSS"), objects, sys.getallocatedblocks(), taken, free)


def _c_library() -> tuple[float, float]:
    """Return the MB that glibc has given out and keeps, of all threads; nan with another library."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_info"):
        return float("nan"), float("nan")
    library.fopen.restype = ctypes.c_void_p
    with tempfile.NamedTemporaryFile(mode="r") as file:
        stream = ctypes.c_void_p(library.fopen(file.name.encode(), b"w"))
        library.malloc_info(0, stream)
        library.fclose(stream)
        text = file.read().rpartition("</heap>")[2]
    sizes = {name: int(size) for name, size in re.findall(r'type="(\w+)"[^/]*? size="(\d+)"', text)}
    free = sizes["fast"] + sizes["rest"]
    return (sizes["current"] + sizes["mmap"] - free) / (1 << 20), free / (1 << 20)


def _report(*_signal: object) -> None:
    # In one step, so that whoever reads the file finds all of it.
    file = Path(os.environ[REPORT])
    part = file.with_suffix(".part")
    part.write_text(json.dumps(asdict(held())), encoding="utf-8")
    part.replace(file)


if __name__ == "__main__":
    from bot.cli.entry import main

    signal.signal(signal.SIGUSR1, _report)
    main()
