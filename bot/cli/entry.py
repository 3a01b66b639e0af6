"""Where the process begins: a signal ends it in order even while the command is still being loaded.

Loading discord.py takes a second and the demo three. Without this, Ctrl-C in that time would end in a
traceback, and with another exit code than afterwards. So this module imports next to nothing.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Any

_LASTING = frozenset({"run", "demo"})
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HELP = frozenset({"-h", "--help", "--version"})


def main() -> None:
    """Run the command of the command line and end the process with its exit code."""
    arguments = with_command(sys.argv[1:])
    lasting = arguments[0] in _LASTING

    def leave(_number: int, _frame: Any) -> None:
        sys.exit(0 if lasting else 130)

    for number in _ENDING if lasting else (signal.SIGINT,):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as for a process in the background
            signal.signal(number, leave)
    from bot.cli.main import main as run_command

    if signal.getsignal(signal.SIGINT) is leave and not lasting:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio cancels what is running
    try:
        run_command(arguments)
    finally:
        if lasting:
            for number in _ENDING:
                signal.signal(number, signal.SIG_IGN)  # the process is ending already


def with_command(arguments: Sequence[str]) -> list[str]:
    """Return *arguments* with the command `run` where they name none."""
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in _HELP):
        return ["run", *arguments]
    return list(arguments)
