"""The command line: arguments, exit codes, nothing else.

Exit codes: 0 done; 2 wrong usage, configuration, query or token; 1 anything else; 130 after Ctrl-C.

Each command imports what it needs when it runs, so that `match` and `--help` do not wait for discord.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import errno
import importlib.util
import io
import os
import sys
import traceback
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from bot import __version__
from bot.model.errors import ArxivError, BotError, ConfigError, FileError, QueryError, UserError

if TYPE_CHECKING:
    from bot.config import Settings

_ARXIV = ("arxiv.contact",)


class _Commands(TyperGroup):
    """All commands; what they refuse is put into the sentences in which the configuration's mistakes are."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            from bot.config.problems import refusal

            error.message = refusal(error.__cause__) or error.message
            raise


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would show local variables, and with them the token
    rich_markup_mode=None,  # errors as plain lines, also for a program that reads them
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A Discord bot that posts every new arXiv paper on your keywords. Without a command it runs.",
    no_args_is_help=False,
)

ConfigFile = Annotated[
    Path | None,
    typer.Option("-c", "--config", metavar="FILE", help="The configuration; config.yaml here by default."),
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help", "--version"}):
        arguments.insert(0, "run")
    # Titles in any script; arguments in any encoding, unchanged; complaints about what is no text at all.
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        _run(arguments)
    except BotError as error:
        with contextlib.suppress(OSError):  # there is nowhere else to say it, and the exit code still does
            for line in _lines(error):
                typer.echo(line, err=True)
        sys.exit(2 if isinstance(error, UserError | ConfigError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - a mistake of ours: its traceback, but never a secret
        from bot.runtime.logs import hidden

        typer.echo(hidden("".join(traceback.format_exception(error))), err=True, nl=False)
        sys.exit(1)


def _run(arguments: Sequence[str]) -> None:
    try:
        app(arguments, prog_name="python -m bot")
    except OSError as error:  # Typer writes the help by itself; what fails elsewhere is a `BotError` by now
        if error.filename is None and error.errno in {errno.ENOSPC, errno.EIO}:
            raise _unwritable(error) from error
        raise


def _lines(error: BotError) -> list[str]:
    if isinstance(error, QueryError) and error.query.isprintable():
        return [str(error), *(f"  {line}" for line in error.pointed().splitlines())]
    if isinstance(error, ArxivError) and error.retry:
        return [f"{error} To see what is wrong: python -m bot check"]
    return str(error).splitlines()


def _print(pieces: Iterable[str]) -> None:
    """Write *pieces* to standard output, and see that they arrive."""
    for piece in pieces:
        _written(piece)
    _written("", flush=True)


def _written(text: str, *, flush: bool = False) -> None:
    if sys.stdout is None:  # closed by whoever started this
        raise FileError("Standard output cannot be written (it is closed).")
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:  # such as `| head`: whoever reads has enough
        _to_nowhere(sys.stdout)
        sys.exit(1)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> FileError:
    _to_nowhere(sys.stdout)
    return FileError(f"Standard output cannot be written ({(error.strerror or str(error)).lower()}).")


def _to_nowhere(stream: TextIO) -> None:
    """Let Python's own flush at exit end somewhere, or it complains a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _settings(config: Path | None, needs: Collection[str] = (), *, quiet: bool = True) -> Settings:
    """Load the configuration and start logging; a *quiet* command logs what it cannot say itself."""
    from bot.config import load
    from bot.runtime import logs

    settings = load(config, needs=needs)
    token = settings.discord.token
    secrets = [token.get_secret_value()] if token else []
    if quiet and settings.logging.level != "DEBUG":
        logs.configure(settings.logging.model_copy(update={"level": "ERROR"}), secrets=secrets)
    else:
        logs.configure(settings.logging, secrets=secrets)
    return settings


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def run(config: ConfigFile = None) -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    from bot.runtime.app import run as run_bot

    settings = _settings(config, ["discord.token", *_ARXIV], quiet=False)
    raise typer.Exit(run_bot(settings))


@app.command()
def demo(
    *,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65535, help="Any free one by default.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    screenshot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a picture of the page (PNG) and stop.")
    ] = None,
) -> None:
    """Show the bot on sample papers in a simulated Discord, in the browser; no token, no network."""
    if importlib.util.find_spec("simcord") is None:
        raise UserError("The demo needs a package that is not installed: pip install '.[demo]'")
    from bot.demo import run as run_demo

    raise typer.Exit(run_demo(port=port, browser=browser, screenshot=screenshot))


@app.command()
def digest(
    config: ConfigFile = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option(
            "-k",
            "--keyword",
            metavar="KEYWORD",
            help="Repeatable; those of the stored subscriptions by default.",
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--max", metavar="N", min=1, max=2000, help="Papers fetched per keyword; digest.max_per_keyword."
        ),
    ] = None,
    categories: Annotated[
        str, typer.Option(metavar="cs,stat", help="Keep papers in any of these; all by default.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Standard output by default.")
    ] = None,
) -> None:
    """Write the newest papers of each keyword as Markdown: all of them, or FILE stays as it is."""
    from bot.cli.digest import write_digest

    settings = _settings(config, _ARXIV)
    written = write_digest(settings, keyword or [], limit=most, categories=categories, out=output)
    _print([asyncio.run(written)])


@app.command()
def search(
    query: Annotated[
        str,
        typer.Argument(metavar="QUERY", help="A keyword, or a query such as 'ti:cat AND au:schrodinger'."),
    ],
    *,
    config: ConfigFile = None,
    number: Annotated[
        int, typer.Option("-n", "--number", metavar="N", min=1, max=2000, help="Papers shown.")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="A list of papers as JSON.")] = False,
) -> None:
    """Ask arXiv for the newest papers of QUERY."""
    from bot.cli.search import found_papers

    found = found_papers(_settings(config, _ARXIV), query, limit=number, as_json=as_json)
    _print([asyncio.run(found)])


@app.command("match")
def match_(
    papers: Annotated[
        Path, typer.Option("-p", "--papers", metavar="FILE", help="Papers as JSON lines; gzipped if .gz.")
    ],
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Keywords or queries.")],
) -> None:
    """Print QUERY, a tab and the paper's id and version for each paper in FILE that matches; offline."""
    from bot.cli.match import matches
    from bot.model.jsonl import papers_from_jsonl

    _print(f"{line}\n" for line in matches(papers_from_jsonl(papers), query))


@app.command()
def check(config: ConfigFile = None) -> None:
    """Check the configuration, the database, arXiv and Discord, and say what to do."""
    from bot.runtime.check import findings

    settings = _settings(config)

    async def report() -> int:
        worst = 0
        async for finding in findings(settings, source=config):
            _print([f"{finding}\n"])
            worst = max(worst, finding.exit_code)
        return worst

    raise typer.Exit(asyncio.run(report()))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Replaced once the copy is complete.")],
    config: ConfigFile = None,
) -> None:
    """Copy the database to FILE, also while the bot runs."""
    from bot.cli.backup import write_backup

    _print([write_backup(_settings(config), file)])


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    config: ConfigFile = None,
) -> None:
    """Verify FILE and put it in the place of the database, which is kept; not while the bot runs."""
    from bot.cli.backup import restore_backup

    _print([restore_backup(_settings(config), file)])


subscriptions = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Take all subscriptions out of the database, or into it.",
)
app.add_typer(subscriptions, name="subscriptions")


class Format(enum.StrEnum):
    """What `subscriptions export` writes."""

    YAML = "yaml"
    OPML = "opml"


@subscriptions.command("export")
def export_(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Standard output by default.")] = None,
    *,
    form: Annotated[
        Format, typer.Option("--format", help="opml: arXiv's feeds of them, for any feed reader.")
    ] = Format.YAML,
    config: ConfigFile = None,
) -> None:
    """Write all channels and their subscriptions, also while the bot runs."""
    from bot.cli.subscriptions import export

    _print([asyncio.run(export(_settings(config), file, as_opml=form is Format.OPML))])


@subscriptions.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML, as `export` writes it.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    config: ConfigFile = None,
) -> None:
    """Make channels and subscriptions what FILE says, all or nothing; what it leaves out stays."""
    from bot.cli.subscriptions import bring_in

    _print([asyncio.run(bring_in(_settings(config), file, dry_run=dry_run))])
