"""Reads the unchecked configuration from a YAML file and environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.model.errors import ConfigError

DEFAULT_FILE = Path("config.yaml")
"""In the working folder."""

_TOKEN = "DISCORD_TOKEN"  # noqa: S105 - the name of a variable
_TOKEN_FILE = "DISCORD_TOKEN_FILE"  # noqa: S105
_LONGEST_SECRET = 1_000  # characters


class _NoRepeatedKeys(yaml.SafeLoader):
    """Refuses repeated keys, of which YAML's own loader silently takes the last, even for whole sections."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem="this key appears twice", problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _moment(loader: _NoRepeatedKeys, node: yaml.ScalarNode) -> object:
    """Return a date; what only looks like one, such as 2027-02-30, as text, which its key then refuses."""
    try:
        moment: object = loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value
    return moment


_NoRepeatedKeys.add_constructor("tag:yaml.org,2002:timestamp", _moment)


def read_file(path: Path | None) -> dict[str, Any]:
    """Return the sections of the file *path*; without one, of `config.yaml` in the working folder, if any.

    Raises:
        ConfigError: the file cannot be read, or is not YAML with sections.
    """
    if path is None:
        path = DEFAULT_FILE
        if not path.exists():
            return {}
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), _NoRepeatedKeys)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise ConfigError([f"{path}: does not exist; copy config.example.yaml to it"]) from None
    except OSError as error:
        folder = isinstance(error, IsADirectoryError)
        what_to_do = "name a file in it" if folder else "check its permissions"
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); {what_to_do}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text (byte {error.start + 1}); save it as UTF-8"]) from None
    except yaml.YAMLError as error:
        raise ConfigError([f"{path}{_yaml_mistake(error)}"]) from None
    except (RecursionError, ValueError):  # endless nesting, or a number of thousands of digits
        raise ConfigError([f"{path}: has a value that YAML cannot read; see config.example.yaml"]) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError([f"{path}: must have sections such as “arxiv:”; see config.example.yaml"])
    return {
        str(section): _set_keys(keys) if isinstance(keys, dict) else keys
        for section, keys in content.items()
        if keys is not None  # all keys of the section may be commented out
    }


def _set_keys(keys: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in keys.items() if value is not None}


class Variables(NamedTuple):
    """The values from the environment, and the names of their variables by dotted path.

    `sections` holds those with a section and a key, `texts` those with one name, such as `PAPERS_LANGUAGE`.
    `problems` has a line for each variable that cannot be used.
    """

    sections: dict[str, dict[str, str]]
    texts: dict[str, str]
    names: dict[str, str]
    problems: list[str]


def read_environment(environ: Mapping[str, str]) -> Variables:
    """Read every `PAPERS_…` variable, so that misspelled ones are noticed; empty ones count as not set.

    `DISCORD_TOKEN` may hold the token, or `DISCORD_TOKEN_FILE` the path of a file with it, as the secrets of
    Docker and Kubernetes are given.
    """
    given = Variables({}, {}, {}, [])
    tokens = [name for name in (_TOKEN, _TOKEN_FILE) if environ.get(name, "").strip()]
    if len(tokens) == 2:
        given.problems.append(f"discord.token: {_TOKEN} and {_TOKEN_FILE} are both set; remove one of them")
    for variable in tokens[:1]:
        try:
            token = environ[variable] if variable == _TOKEN else _secret_in(Path(environ[variable].strip()))
        except ConfigError as error:
            given.problems.extend(f"discord.token: {why} (from {variable})" for why in error.problems)
        else:
            given.sections["discord"] = {"token": token}
            given.names["discord.token"] = variable
    for variable, value in sorted(environ.items()):
        prefix, _, rest = variable.partition("_")
        if prefix.upper() != "PAPERS" or not value.strip():
            continue
        section, separator, key = rest.lower().partition("__")
        given.names[f"{section}.{key}" if separator else section] = variable
        if separator:
            given.sections.setdefault(section, {})[key] = value
        else:
            given.texts[section] = value
    return given


def _secret_in(path: Path) -> str:
    """Return the content of a file that holds a secret, and nothing else.

    Raises:
        ConfigError: it cannot be read, is empty, or too long for a secret.
    """
    try:
        with path.open("rb") as file:
            secret = file.read(_LONGEST_SECRET + 1).decode()
    except FileNotFoundError:
        raise ConfigError([f"the file {path} does not exist"]) from None
    except OSError as error:
        raise ConfigError(
            [f"the file {path} cannot be read ({error.strerror}); check its permissions"]
        ) from None
    except UnicodeDecodeError:
        secret = ""
    if not 0 < len(secret.strip()) <= _LONGEST_SECRET:
        raise ConfigError([f"the file {path} must hold the token, and nothing else"])
    return secret


def _shown(quotation: re.Match[str]) -> str:
    """Return a quotation if it is YAML's own, such as `<stream end>`; else "…", as it may be a secret."""
    return quotation[0] if re.fullmatch(r".{0,2}|<[a-z ]+>", quotation[2]) else "…"


def _yaml_mistake(error: yaml.YAMLError) -> str:
    """Return where and why YAML cannot be read (`, line 3, column 7: …`), without quoting the file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    why = getattr(error, "problem", None) or "has a character that YAML does not allow"
    why = re.sub(r"(['\"])((?:\\.|(?!\1).)*)\1", _shown, str(why))
    return f"{where}: {why}; see config.example.yaml for the layout"
