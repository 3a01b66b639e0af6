"""Turns pydantic's errors about a configuration into sentences.

They are made from the error types alone. Pydantic's own messages repeat the value, which may be a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

NO_SECTION = "must be a section: keys on lines of their own, indented"
_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "model_type": NO_SECTION,
    "model_attributes_type": NO_SECTION,
    "string_too_short": "must not be empty",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line about the value at *keys*, which a rule may compare with the key *other*, a dotted path."""

    keys: tuple[str, ...]
    line: str
    other: str = ""

    @property
    def path(self) -> str:
        return ".".join(self.keys)


def rule(key: str, message: str, *, other: str = "") -> PydanticCustomError:
    """Return the error of a section's rule about *key*, compared with *other*; it counts if that is right."""
    return PydanticCustomError("rule", "{message}", {"key": key, "message": message, "other": other})


def mistakes_of(error: ValidationError, root: type[BaseModel]) -> Iterator[Mistake]:
    """Yield a mistake for each of pydantic's errors about a *root*, in the order of the keys."""
    for details in error.errors(include_url=False, include_input=False):
        context = details.get("ctx", {})
        keys = [str(part) for part in details["loc"]]
        if details["type"] == "rule":
            keys.append(context["key"])
        keys = keys[:2]  # deeper levels belong to the value of the key
        path = ".".join(keys)
        if details["type"] == "extra_forbidden":
            line = _unknown(keys, root)
        else:
            line = f"{path}: {_sentence(details, context)}"
        yield Mistake(tuple(keys), line, str(context.get("other", "")))


def refusal(error: BaseException | None) -> str:
    """Return the second half of a line from pydantic's *error* about one value; "" for any other error."""
    if not isinstance(error, ValidationError):
        return ""
    [details, *_] = error.errors(include_url=False, include_input=False)
    return _sentence(details, details.get("ctx", {}))


def _sentence(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    kind = details["type"]
    match kind:
        case "rule" | "value_error":
            return str(context["message" if kind == "rule" else "error"])
        case "literal_error":
            return f"must be {context['expected']}"
        case "greater_than_equal" | "greater_than":
            bound = context.get("ge", context.get("gt"))
            return f"must be {'at least' if 'ge' in context else 'greater than'} {bound:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case _:
            return _SENTENCES.get(kind, "has an invalid value; see config.example.yaml")


def _keys(root: type[BaseModel]) -> Iterator[str]:
    """Yield every dotted path: the sections, and the keys in them."""
    for name, field in root.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (f"{name}.{key}" for key in field.annotation.model_fields)


def _unknown(keys: Sequence[str], root: type[BaseModel]) -> str:
    *above, key = keys
    known = list(_keys(root))
    if above:
        section = f"{above[0]}."
        near = _nearest(key, [name.removeprefix(section) for name in known if name.startswith(section)])
        meant = section + near if near else _elsewhere(key, known)
    else:
        meant = _nearest(key, [name for name in known if "." not in name]) or _elsewhere(key, known)
    shown = " ".join(".".join(keys)[:60].split())
    if meant:
        return f"{shown}: there is no such key; did you mean {meant}?"
    return f"{shown}: there is no such key; see config.example.yaml"


def _elsewhere(key: str, known: Iterable[str]) -> str:
    """Return the known key in another section, or written with one underscore (`PAPERS_ARXIV_CONTACT`)."""
    for name in known:
        if "." in name and key in {name.rpartition(".")[2], name.replace(".", "_")}:
            return name
    return ""


def _nearest(word: str, words: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word.lower(), list(words), n=1)), "")
