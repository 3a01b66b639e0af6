"""`backup` and `restore`: copy the database to a file, and put such a file back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.cli.progress import format_count
from bot.config import Settings
from bot.store import backup

_PAGES_A_LINE = 65_536  # database pages (about 256 MB) between two progress lines without a terminal


def write_backup(settings: Settings, file: Path) -> str:
    """Copy the database to *file*; return a line that says what the copy holds.

    Raises:
        BotError: *file* cannot be written or the database cannot be read; *file* is unchanged.
    """
    with _copying("Copying") as progress:
        made = backup.back_up(settings.database.url, file, datetime.now(UTC), progress=progress)
    held = f"{format_count(made.papers, 'paper')}, {format_count(made.subscriptions, 'subscription')}"
    when = f"{made.taken:%Y-%m-%d %H:%M:%S} UTC"
    return f"{made.file} holds everything as of {when}: {held} ({_size(made.size)}).\n"


def restore_backup(settings: Settings, file: Path) -> str:
    """Replace the database by the backup *file*; return lines that say what happened.

    Raises:
        BotError: *file* is not a backup, or the database is in use; the database is unchanged.
    """
    with _copying("Restoring") as progress:
        done = backup.restore(settings.database.url, file, datetime.now(UTC), progress=progress)
    lines = [f"{done.path} is as it was at {done.gap.since:%Y-%m-%d %H:%M:%S} UTC."]
    if done.before is not None:
        lines.append(f"The previous database was kept: {done.before}")
    lines.append(
        "Before posting again, the bot looks in the channels for papers that it has posted since then."
    )
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _copying(what: str) -> Iterator[backup.Progress]:
    """Show progress on stderr: a bar on a terminal, elsewhere a line now and then."""
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
    reported = 0

    def progress(done: int, total: int) -> None:
        nonlocal reported
        bar.update(task, completed=done, total=total)
        if bar.disable and (done - reported >= _PAGES_A_LINE or done == total):
            reported = done
            console.print(f"{what}: {done:,} of {total:,} pages", soft_wrap=True, highlight=False)

    with bar:
        yield progress


def _size(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"
