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
    except (RecursionError, ValueError):  # endless nesting, or a date such as 2024-99-99
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
    """

    sections: dict[str, dict[str, str]]
    texts: dict[str, str]
    names: dict[str, str]


def read_environment(environ: Mapping[str, str]) -> Variables:
    """Read every `PAPERS_…` variable, so that misspelled ones are noticed; empty ones count as not set."""
    given = Variables({}, {}, {})
    if environ.get("DISCORD_TOKEN", "").strip():
        given.sections["discord"] = {"token": environ["DISCORD_TOKEN"]}
        given.names["discord.token"] = "DISCORD_TOKEN"
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
