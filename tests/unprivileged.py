"""Somebody who may not write: root may write everywhere, so for a while root is nobody."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def unprivileged(folder: Path, *, folder_too: bool = True) -> Iterator[None]:
    """Take away the right to write the files in *folder* and, with *folder_too*, to make others there."""
    before: dict[Path, int] = {}

    def change(path: Path, mode: int) -> None:
        before[path] = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)

    for file in folder.iterdir():
        change(file, 0o444)
    change(folder, 0o555 if folder_too else 0o777)
    root = os.getuid() == 0
    if root:
        for parent in folder.parents:  # pytest's are closed to others
            if not parent.stat().st_mode & stat.S_IXOTH:
                change(parent, 0o755)
        os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
        for path, mode in before.items():
            path.chmod(mode)
