"""Progress on stderr while a command works, and counts as its output words them."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.terminal import tell


def format_count(count: int, noun: str) -> str:
    """Return `1 paper`, `2 papers`, `0 papers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class StepProgress:
    """Shows on stderr how many of *total* steps are done: a bar on a terminal, elsewhere a line for each."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._total = total
        self._done = 0
        self._task = self._bar.add_task("Asking arXiv", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def done(self, step: str) -> None:
        """Count one more step; *step* names it."""
        self._done += 1
        self._bar.advance(self._task)
        if self._bar.disable:
            tell(f"{self._done} of {self._total}: {step}")
