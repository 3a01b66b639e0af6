"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.model.errors import FileError


class Replacement:
    """Replaces the content of the file *path* at once, when the block ends without an exception.

    Until then the file keeps its old content. Entering the block checks that the file can be written, so that
    nobody waits minutes to learn that it cannot. With *private*, only the owner may read a new file. A link
    is followed. A device or a pipe cannot be replaced, so it is written to.

    Raises:
        FileError: on entering or leaving the block; the message names the file and the reason.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self._named = path
        self._target = Path(os.path.realpath(path))
        self._private = private
        self._beside: Path | None = None
        self._content = b""
        self._filled = False

    def write(self, text: str) -> None:
        """Set the new content."""
        self._content = text.encode()

    def fill(self) -> Path:
        """Return an empty file for the caller to fill; it replaces *path* when the block ends.

        Raises:
            FileError: *path* is a device or a pipe, which cannot be replaced.
        """
        if self._beside is None:
            raise FileError(f"{self._named} is not a regular file; name one.")
        self._filled = True
        return self._beside

    def __enter__(self) -> Self:
        try:
            if not self._replaceable():
                return self
            descriptor, name = tempfile.mkstemp(prefix=f".{self._target.name}.", dir=self._target.parent)
            os.close(descriptor)
            self._beside = Path(name)
        except OSError as error:
            raise self._failure(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as failure:
            raise self._failure(failure) from failure
        finally:
            if self._beside is not None:
                self._beside.unlink(missing_ok=True)

    def _replaceable(self) -> bool:
        """Tell whether *path* is, or will be, a regular file; raise if it cannot be written at all."""
        try:
            mode = self._target.stat().st_mode
        except FileNotFoundError:
            return True
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "Is a directory")
        if not os.access(self._target, os.W_OK):  # replacing it needs only the right to write the folder
            raise PermissionError(13, "Permission denied")
        return stat.S_ISREG(mode)

    def _finish(self) -> None:
        if self._beside is None:
            self._target.write_bytes(self._content)
            return
        with self._beside.open("r+b") as file:
            if not self._filled:
                file.write(self._content)
                file.flush()
            os.fchmod(file.fileno(), self._mode())
            os.fsync(file.fileno())
        self._beside.replace(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name is on the disk only once the folder is
        finally:
            os.close(folder)

    def _mode(self) -> int:
        """Return the permissions of the replaced file; of a new one, the owner's or what the umask leaves."""
        try:
            return stat.S_IMODE(self._target.stat().st_mode)
        except FileNotFoundError:
            if self._private:
                return 0o600
            umask = os.umask(0)
            os.umask(umask)
            return 0o666 & ~umask

    def _failure(self, error: OSError) -> FileError:
        reason = (error.strerror or str(error)).lower()
        return FileError(
            f"{self._named} cannot be written ({reason}); name a file in a folder that you may write."
        )
