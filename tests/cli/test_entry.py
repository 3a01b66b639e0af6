"""How the process begins and, at a signal, ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from bot.cli.entry import with_command
from tests.commands import ROOT

# Stands for a signal that arrives while a module is being loaded: the import of it sends the signal.
_SIGNALLED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = {arguments!r}
from bot.cli.entry import main
main()
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["run"]),
        (["-c", "x.yaml"], ["run", "-c", "x.yaml"]),
        (["run", "-c", "x.yaml"], ["run", "-c", "x.yaml"]),
        (["--help"], ["--help"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
        (["demo"], ["demo"]),
        (["--nonsense"], ["run", "--nonsense"]),
    ],
)
def test_without_a_command_the_bot_is_run(arguments: list[str], expected: list[str]) -> None:
    assert with_command(arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "module", "number", "code"),
    [
        (["demo"], "bot.cli.main", signal.SIGINT, 0),
        (["demo"], "bot.cli.main", signal.SIGTERM, 0),
        (["demo"], "bot.demo.run", signal.SIGINT, 0),
        (["demo"], "simcord.env", signal.SIGINT, 0),
        (["demo"], "simcord.env", signal.SIGTERM, 0),
        (["run"], "bot.cli.main", signal.SIGINT, 0),
        (["run"], "bot.runtime.app", signal.SIGINT, 0),
        (["run"], "bot.runtime.app", signal.SIGTERM, 0),
        (["run"], "bot.runtime.app", signal.SIGHUP, 0),
        ([], "bot.runtime.app", signal.SIGINT, 0),
        (["-c", "none.yaml"], "bot.config", signal.SIGTERM, 0),
        (["search", "x"], "bot.cli.main", signal.SIGINT, 130),
        (["search", "x"], "bot.cli.search", signal.SIGINT, 130),
        (["digest", "-k", "x"], "bot.cli.digest", signal.SIGINT, 130),
        (["check"], "bot.runtime.check", signal.SIGINT, 130),
        (["--help"], "typer", signal.SIGINT, 130),
    ],
)
def test_a_signal_while_the_command_is_loaded_ends_it_as_later_and_without_a_traceback(
    arguments: list[str], module: str, number: signal.Signals, code: int
) -> None:
    program = _SIGNALLED.format(module=module, number=int(number), arguments=arguments)
    environment = os.environ | {"DISCORD_TOKEN": "x.y.z", "PAPERS_ARXIV__CONTACT": "operator@example.org"}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")
