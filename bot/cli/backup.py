"""`backup` and `restore`: a copy of everything the bot remembers, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.cli.counting import counted
from bot.config import Settings
from bot.store import backup

_PAGES_A_LINE = 65_536  # pages between two lines where there is no terminal to draw on: some 256 MB


def write_backup(settings: Settings, file: Path) -> str:
    """Write the database to *file*; return the line that says so.

    Raises:
        BotError: *file* cannot be written, or the database not be read; *file* is as it was.
    """
    with _copying("Copying") as progress:
        made = backup.back_up(settings.database.url, file, datetime.now(UTC), progress=progress)
    held = f"{counted(made.papers, 'paper')}, {counted(made.subscriptions, 'subscription')}"
    when = f"{made.taken:%Y-%m-%d %H:%M:%S} UTC"
    return f"{made.file} holds everything as of {when}: {held} ({_size(made.size)}).\n"


def restore_backup(settings: Settings, file: Path) -> str:
    """Put *file* in the place of the database; return the lines that say so.

    Raises:
        BotError: *file* is no backup, or the database is in use; the database is as it was.
    """
    with _copying("Restoring") as progress:
        done = backup.restore(settings.database.url, file, datetime.now(UTC), progress=progress)
    lines = [f"{done.path} is as it was at {done.gap.since:%Y-%m-%d %H:%M:%S} UTC."]
    if done.before is not None:
        lines.append(f"The database in whose place it is was kept: {done.before}")
    lines.append("What was posted since then is looked for in the channels before anything is posted again.")
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _copying(what: str) -> Iterator[backup.Progress]:
    """Show on stderr how far it is: a bar on a terminal, elsewhere a line now and then."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(what, total=None)
    said = 0

    def progress(done: int, total: int) -> None:
        nonlocal said
        bar.update(task, completed=done, total=total)
        if bar.disable and (done - said >= _PAGES_A_LINE or done == total):
            said = done
            console.print(f"{what}: {done:,} of {total:,} pages", soft_wrap=True, highlight=False)

    with bar:
        yield progress


def _size(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"
