"""One heap serves all threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_SCRIPT = """
import ctypes, re, sys, tempfile, threading
from bot.runtime.allocator import share_one_heap

if sys.argv[1] == "shared":
    share_one_heap()
library = ctypes.CDLL(None)
library.malloc.restype, library.fopen.restype = ctypes.c_void_p, ctypes.c_void_p
together = threading.Barrier(8)


def allocate():
    together.wait()
    library.malloc(5_000)
    together.wait()


threads = [threading.Thread(target=allocate) for _ in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join()
with tempfile.NamedTemporaryFile(mode="r") as file:
    stream = ctypes.c_void_p(library.fopen(file.name.encode(), b"w"))
    library.malloc_info(0, stream)
    library.fclose(stream)
    print(len(re.findall("<heap nr", file.read())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has several heaps")
def test_threads_share_one_heap_which_they_do_not_by_themselves() -> None:
    heaps = {
        how: int(subprocess.run([sys.executable, "-c", _SCRIPT, how], check=True, capture_output=True).stdout)
        for how in ("shared", "apart")
    }
    assert heaps["shared"] == 1
    assert heaps["apart"] > 1
