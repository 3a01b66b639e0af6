"""At most one `run` or `restore` on a database: a lock that the kernel releases however the process ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from bot.model.errors import StoreBusy
from bot.store.sqlite_errors import store_errors

_FIRST_READABLE = 1 if os.name == "nt" else 0  # on Windows nobody else can read the byte that is locked


class ProcessLock:
    """The exclusive right to run on a database, held through a file beside it that names the process.

    The file stays when the lock is released: if it were removed, two processes could each lock a file of the
    same name.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._lock = FileLock(
            self._path,
            timeout=0,
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,  # a kill would leave the file of a soft lock behind
            preserve_lock_file=True,
            on_acquired=_sign,
        )

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StoreBusy: another process holds it.
            StoreReadOnly: the file cannot be created.
        """
        with store_errors(self._database):
            try:
                self._lock.acquire()
            except Timeout:
                holder = self._holder()
                raise StoreBusy(
                    f"The bot already runs on the database {self._database}"
                    f"{f' (process {holder})' if holder else ''}; stop that one first, "
                    "or set database.url to another file."
                ) from None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        self._lock.release()

    def _holder(self) -> str:
        with self._path.open("rb", buffering=0) as file:
            file.seek(_FIRST_READABLE)
            return (file.read(32) or b"").decode("ascii", "replace").strip()


def _sign(descriptor: int) -> None:
    os.truncate(descriptor, 0)
    os.write(descriptor, f" {os.getpid()}\n".encode("ascii"))  # after the byte that is locked
