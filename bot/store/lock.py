"""At most one `run` on a database: a lock that the kernel gives back whatever way the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from bot.model.errors import StoreBusy
from bot.store.sqlite_errors import told


class ProcessLock:
    """The exclusive right to run on a database, held through a file beside it.

    The file stays when the lock goes: removing it would let two processes lock two files of one name.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StoreBusy: another process has it.
            StoreReadOnly: the file cannot be made.
        """
        with told(self._database):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise StoreBusy(
                    f"The bot already runs on the database {self._database}"
                    f"{f' (process {holder})' if holder else ''}; stop that one first, "
                    "or set database.url to another file."
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            os.truncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
            self._descriptor = descriptor

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
