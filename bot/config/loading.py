"""Loads the settings from `config.yaml` and the environment, or reports every mistake at once.

The environment overrides the file: `PAPERS_SECTION__KEY` sets any key, and `DISCORD_TOKEN` sets the token,
or `DISCORD_TOKEN_FILE` names the file that holds it.

A mistake is one line with the key's dotted path, the problem and the remedy. It never repeats the value,
which may be the token, a password in a database URL, or one of these under a wrong key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.problems import NO_SECTION, Mistake, mistakes_of
from bot.config.settings import Settings, SettingsSection
from bot.config.sources import Variables, read_environment, read_file
from bot.config.values import is_loopback
from bot.model.errors import ConfigError

_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)  # the bot's id, a time and a signature


def load(
    path: Path | None = None, *, environ: Mapping[str, str] | None = None, needs: Collection[str] = ()
) -> Settings:
    """Read the configuration from *path* and the environment.

    Without *path*, read `config.yaml` in the working folder, if it exists. *needs* are the keys that the
    caller requires: `discord.token`, `arxiv.contact`. The contact may stay empty if `arxiv.api_url` is on
    this machine.

    Raises:
        ConfigError: it has mistakes; `problems` lists all of them.
    """
    given = read_file(path)
    variables = read_environment(os.environ if environ is None else environ)
    problems = [*variables.problems, *_merge(given, variables)]
    unread = {line.partition(":")[0] for line in variables.problems}
    settings, more, wrong = _collect(given, variables.names)
    problems += more
    problems += [f"{path}: {why}" for path, why in unmet(settings, set(needs) - wrong - unread).items()]
    if problems:
        raise ConfigError(problems)
    return settings


def _merge(given: dict[str, Any], variables: Variables) -> Iterator[str]:
    """Put *variables* into *given*, the content of a file; yield a line for each section that is not one."""
    for name, text in variables.texts.items():
        keys = _keys_of(name)
        if keys:
            example = f"PAPERS_{name.upper()}__{keys[0].upper()}"
            origin = f" (from {variables.names[name]})"
            yield f"{name}: is a section; a variable sets one key of it, such as {example}{origin}"
        else:
            given[name] = text
    for section, values in variables.sections.items():
        below = given.get(section, {})
        if section in Settings.model_fields and not _keys_of(section):
            origin = _origin(f"{section}.{next(iter(values))}", variables.names)
            yield f"{section}: is one value without keys; set PAPERS_{section.upper()}{origin}"
        elif isinstance(below, dict):
            given[section] = below | values
        else:
            given[section] = values
            if section in Settings.model_fields:
                yield f"{section}: {NO_SECTION}"


def _keys_of(name: str) -> list[str]:
    """Return the keys of the section *name*; none if it is not a section."""
    field = Settings.model_fields.get(name)
    section = field.annotation if field else None
    return (
        list(section.model_fields)
        if isinstance(section, type) and issubclass(section, SettingsSection)
        else []
    )


def _collect(given: dict[str, Any], variables: Mapping[str, str]) -> tuple[Settings, list[str], set[str]]:
    """Validate *given*; return the settings without the mistakes, a line for each mistake, and their paths.

    Pydantic skips a section's rules while one of its keys is wrong. So wrong values are removed and the rest
    is validated again, until nothing is wrong.
    """
    problems: list[str] = []
    wrong: set[str] = set()
    while True:
        try:
            return Settings(**given), problems, wrong
        except ValidationError as error:
            for mistake in mistakes_of(error, Settings):
                if mistake.path not in wrong and mistake.other not in wrong:
                    problems.append(mistake.line + _origin(mistake.path, variables))
                wrong.add(mistake.path)
                _take_out(given, mistake)


def _origin(path: str, variables: Mapping[str, str]) -> str:
    """Return " (from VARIABLE)" if the environment set *path*, or a key of the section *path*; else ""."""
    names = (name for key, name in variables.items() if key == path or key.startswith(f"{path}."))
    return next((f" (from {name})" for name in names), "")


def _take_out(given: dict[str, Any], mistake: Mistake) -> None:
    """Remove the wrong value, or what it is compared with if it is a default; as a last resort, its section.

    The other keys of the section stay, so that their mistakes are found as well.
    """
    section, *key = mistake.keys
    values = given.get(section)
    if isinstance(values, dict):
        for name in (*key, mistake.other.removeprefix(f"{section}.")):
            if name in values:
                del values[name]
                return
    given.pop(section, None)


def unmet(settings: Settings, needs: Collection[str]) -> dict[str, str]:
    """Return the problems with *needs* (see `load`) by path: what is missing or unusable, and what to do.

    A server on this machine may accept any token; Discord accepts only well-formed ones.
    """
    problems = {}
    token = settings.discord.token
    if "discord.token" in needs and token is None:
        problems["discord.token"] = (
            "is missing; set DISCORD_TOKEN to the token from the Bot page of your application at "
            "https://discord.com/developers/applications"
        )
    elif (
        "discord.token" in needs
        and token is not None
        and not _TOKEN.fullmatch(token.get_secret_value())
        and not is_loopback(settings.discord.api_base)
    ):
        problems["discord.token"] = (
            "does not look like a bot token; copy all of it from the Bot page of your application at "
            "https://discord.com/developers/applications"
        )
    if "arxiv.contact" in needs and not settings.arxiv.contact and not is_loopback(settings.arxiv.api_url):
        problems["arxiv.contact"] = (
            "is missing; give an email address or a web page where arXiv can reach you "
            "(PAPERS_ARXIV__CONTACT)"
        )
    return problems
