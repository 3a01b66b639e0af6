"""The commands with their arguments and exit codes; each is carried out by a module of its own.

Exit codes: 0 for success and where a signal ends `run` or `demo`, 2 for wrong usage, configuration, query or
token, 130 where Ctrl-C ends another command, 1 otherwise.

A command imports its modules when it runs, so that `match` and `--help` need not wait for discord.py.
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
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from bot import __version__
from bot.cli.entry import with_command
from bot.cli.terminal import tell
from bot.cli.usage import Command, Commands
from bot.model.errors import ArxivError, BotError, ConfigError, FileError, QueryError, UserError
from bot.model.foreign_text import terminal_text

if TYPE_CHECKING:
    from bot.config import Settings

_ARXIV = ("arxiv.contact",)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, which may hold the token
    rich_markup_mode=None,  # errors as plain lines, which programs can read too
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A Discord bot that posts every new arXiv paper that matches your keywords. "
    "Without a command, it runs.",
    no_args_is_help=False,
)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "-c", "--config", metavar="FILE", help="Configuration file (default: config.yaml in this folder)."
    ),
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    arguments = with_command(sys.argv[1:] if arguments is None else arguments)
    # Print titles in any script, and arguments in any encoding as they were typed.
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        _run(arguments)
    except BotError as error:
        with contextlib.suppress(OSError):  # stderr is closed too; the exit code still tells
            for line in _lines(error):
                tell(line)
        sys.exit(2 if isinstance(error, UserError | ConfigError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - a bug: print its traceback, but no secret
        from bot.runtime.logs import hide_secrets

        tell(hide_secrets("".join(traceback.format_exception(error))).rstrip("\n"))
        sys.exit(1)


def _run(arguments: Sequence[str]) -> None:
    try:
        app(arguments, prog_name="python -m bot")
    except OSError as error:  # from Typer writing the help; elsewhere, an OSError has become a `BotError`
        if error.filename is None and error.errno in {errno.ENOSPC, errno.EIO}:
            raise _unwritable(error) from error
        raise


def _lines(error: BotError) -> list[str]:
    if isinstance(error, QueryError) and error.query.isprintable():
        return [str(error), *(f"  {line}" for line in error.pointed().splitlines())]
    if isinstance(error, ArxivError) and error.retry:
        return [f"{error} To find out more, run: python -m bot check"]
    return str(error).splitlines()


def _print(pieces: Iterable[str]) -> None:
    """Write *pieces* to standard output and flush it."""
    for piece in pieces:
        _write(piece)
    _write("", flush=True)


def _write(text: str, *, flush: bool = False) -> None:
    if sys.stdout is None:  # the parent process closed it
        raise FileError("Standard output cannot be written (it is closed).")
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader has had enough, as in `| head`
        _discard(sys.stdout)
        sys.exit(1)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> FileError:
    _discard(sys.stdout)
    return FileError(f"Standard output cannot be written ({(error.strerror or str(error)).lower()}).")


def _discard(stream: TextIO) -> None:
    """Send the rest of *stream* to the null device, or Python's flush at exit fails once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _settings(config: Path | None, needs: Collection[str] = (), *, quiet: bool = True) -> Settings:
    """Load the configuration and start logging; a *quiet* command logs only errors.

    Raises:
        ConfigError: a value is invalid, or one of *needs* is missing.
    """
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(cls=Command)
def run(config: ConfigFile = None) -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    from bot.runtime.app import run as run_bot

    settings = _settings(config, ["discord.token", *_ARXIV], quiet=False)
    raise typer.Exit(run_bot(settings))


@app.command(cls=Command)
def demo(
    *,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=65535, help="Port, 0 to 65535 (default: any free port)."),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Whether to open the page in a browser (default: yes)."),
    ] = True,
    screenshot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save a screenshot of the page (PNG) and exit.")
    ] = None,
) -> None:
    """Try the bot in your browser, on sample papers in a simulated Discord; needs no token or network."""
    if importlib.util.find_spec("simcord") is None:
        raise UserError("The demo needs a package that is not installed; run: pip install '.[demo]'")
    from bot.demo.run import run as run_demo

    raise typer.Exit(run_demo(port=port, browser=browser, screenshot=screenshot))


@app.command(cls=Command)
def digest(
    config: ConfigFile = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option(
            "-k",
            "--keyword",
            metavar="KEYWORD",
            help="Keyword, repeatable (default: those of the stored subscriptions).",
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--max",
            metavar="N",
            min=1,
            max=2000,
            help="Papers to fetch per keyword, 1 to 2000 (default: digest.max_per_keyword).",
        ),
    ] = None,
    categories: Annotated[
        str, typer.Option(metavar="cs,stat", help="Keep only papers in these (default: all).")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write (default: standard output)."),
    ] = None,
) -> None:
    """Write the newest papers of each keyword as Markdown; on any failure, FILE stays as it is."""
    from bot.cli.digest import write_digest

    settings = _settings(config, _ARXIV)
    written = write_digest(settings, keyword or [], limit=most, categories=categories, out=output)
    _print([asyncio.run(written)])


@app.command(cls=Command)
def search(
    query: Annotated[
        str,
        typer.Argument(metavar="QUERY", help="A keyword, or a query such as 'ti:cat AND au:schrodinger'."),
    ],
    *,
    config: ConfigFile = None,
    number: Annotated[
        int,
        typer.Option(
            "-n",
            "--number",
            metavar="N",
            min=1,
            max=2000,
            help="How many papers to print, 1 to 2000 (default: 10).",
        ),
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Search arXiv and print the newest papers that match QUERY."""
    from bot.cli.search import search_papers

    result = search_papers(_settings(config, _ARXIV), query, limit=number, as_json=as_json)
    _print([asyncio.run(result)])


@app.command("match", cls=Command)
def match_(
    papers: Annotated[
        Path,
        typer.Option(
            "-p", "--papers", metavar="FILE", help="Papers as JSON lines (required); .gz is decompressed."
        ),
    ],
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Keywords or queries.")],
) -> None:
    """Print QUERY, a tab, and id and version of each paper in FILE that matches; works offline."""
    from bot.cli.match import matches
    from bot.model.jsonl import papers_from_jsonl

    _print(f"{line}\n" for line in matches(papers_from_jsonl(papers), query))


@app.command(cls=Command)
def rank(
    papers: Annotated[Path, typer.Argument(metavar="PAPERS", help="Papers to order, as for `match`.")],
    *,
    saved: Annotated[
        Path, typer.Option(metavar="FILE", help="Papers that were saved (required); .gz is decompressed.")
    ],
    seen: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Papers that were seen and not saved.")
    ] = None,
    less: Annotated[Path | None, typer.Option(metavar="FILE", help="Papers to see fewer of.")] = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option("-k", "--keyword", metavar="KEYWORD", help="Keyword that the papers match, repeatable."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the shared terms, too.")] = False,
) -> None:
    """Order PAPERS by likeness to saved ones: identifier, tab, score, best first; works offline."""
    from bot.cli.rank import ranked

    lines = ranked(papers, saved=saved, seen=seen, less=less, keywords=keyword or (), explain=explain)
    _print(f"{line}\n" for line in lines)


@app.command(cls=Command)
def check(config: ConfigFile = None) -> None:
    """Check the configuration, the database, arXiv, and Discord, and say how to fix what is wrong."""
    from bot.runtime.check import NEEDS, findings

    try:
        settings = _settings(config)
    except ConfigError:
        _settings(config, NEEDS)  # its error also lists what is missing
        raise

    async def report() -> int:
        worst = 0
        async for finding in findings(settings, source=config):
            _print([terminal_text(f"{finding}\n")])
            worst = max(worst, finding.exit_code)
        return worst

    raise typer.Exit(asyncio.run(report()))


@app.command(cls=Command)
def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to copy; replaced once the copy is complete.")
    ],
    config: ConfigFile = None,
) -> None:
    """Copy the database to FILE; the bot may be running."""
    from bot.cli.backup import write_backup

    _print([terminal_text(write_backup(_settings(config), file))])


@app.command(cls=Command)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.")],
    config: ConfigFile = None,
) -> None:
    """Verify FILE and replace the database with it, keeping the old one; stop the bot first."""
    from bot.cli.backup import restore_backup

    _print([terminal_text(restore_backup(_settings(config), file))])


subscriptions = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Export all subscriptions, or import them.",
)
app.add_typer(subscriptions, name="subscriptions")


class Format(enum.StrEnum):
    """The formats of `subscriptions export`."""

    YAML = "yaml"
    OPML = "opml"


@subscriptions.command("export", cls=Command)
def export_(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write (default: standard output).")
    ] = None,
    *,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            metavar="yaml|opml",
            help="opml: a feed for each subscription, for any feed reader (default: yaml).",
        ),
    ] = Format.YAML,
    config: ConfigFile = None,
) -> None:
    """Write all channels and their subscriptions; the bot may be running."""
    from bot.cli.subscriptions import export

    _print([asyncio.run(export(_settings(config), file, as_opml=form is Format.OPML))])


@subscriptions.command("import", cls=Command)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file as `export` writes it.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    config: ConfigFile = None,
) -> None:
    """Apply FILE, all or nothing; channels and subscriptions that it does not mention stay."""
    from bot.cli.subscriptions import import_file

    _print([terminal_text(asyncio.run(import_file(_settings(config), file, dry_run=dry_run)))])
