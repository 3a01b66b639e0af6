"""What to try instead of a query that finds nothing, or that does not mean what it seems to mean (pure)."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

from bot.model.errors import QueryError
from bot.model.taxonomy import SPELLINGS
from bot.query.nodes import Term
from bot.query.operators import meant
from bot.query.parser import is_keyword
from bot.query.person_names import PARTICLES
from bot.query.query import Query, parse_typed
from bot.query.text import analyze

_MOST_WORDS = 8
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*")
_TEXT_FIELDS = frozenset({"ti", "abs", "au", "co", "jr"})


class Alternative(enum.StrEnum):
    """Why another query is offered; the values are part of the identifiers of posted buttons."""

    OPERATORS = "operators"
    """The operators of other search engines, as arXiv's."""
    CATEGORY = "category"
    AUTHOR = "author"
    ANYWHERE = "anywhere"
    """All words anywhere, instead of a phrase in the title or the abstract."""


def alternatives(query: Query, *, found: bool) -> dict[Alternative, str]:
    """Return other queries to offer, as people would type them; only operators if *query* has *found* any."""
    offered: dict[Alternative, str] = {}
    for kind, text in _candidates(query):
        if found and kind is not Alternative.OPERATORS:
            continue
        try:
            other = parse_typed(text)
        except QueryError:
            continue
        if other != query:
            offered.setdefault(kind, text)
    return offered


def name_in(offered: str) -> str:
    """Return the name of the person whose papers an alternative query, `au:"Yann LeCun"`, is for."""
    return offered.removeprefix("au:").strip('"')


def _candidates(query: Query) -> Iterator[tuple[Alternative, str]]:
    typed = query.typed
    if is_keyword(typed):
        if probably := meant(typed):
            yield Alternative.OPERATORS, probably.query
        if category := SPELLINGS.get(typed.lower()):
            yield Alternative.CATEGORY, f"cat:{category}"
            return
        words = typed
    else:
        root = query.root
        if (
            not isinstance(root, Term)
            or root.field not in _TEXT_FIELDS
            or "*" in root.typed
            or "?" in root.typed
        ):
            return
        words = root.typed
    if name := _as_name(words):
        yield Alternative.AUTHOR, f"au:{_operand(name)}"
    if anywhere := _anywhere(words):
        yield Alternative.ANYWHERE, anywhere


def _as_name(text: str) -> str:
    """Return *text* as a person's name, `Geoffrey Hinton` also for `Hinton, Geoffrey`; "" if it is none."""
    if text.count(",") == 1:
        last, _comma, first = text.partition(",")
        text = f"{first.strip()} {last.strip()}"
    words = text.split()
    if not 1 <= len(words) <= 5 or not all(map(_NAME.fullmatch, words)):
        return ""
    proper = [word for word in words if word.lower() not in PARTICLES]
    if text.islower():  # nothing tells names from words; a stop word is no name
        plausible = all(analyze(text).terms) and len(words) <= 3 and len(text) > 3
    else:
        shouted = all(word.isupper() and _letters(word) > 1 for word in proper) or any(
            word.isupper() and _letters(word) > 3 for word in proper
        )
        plausible = bool(proper) and not shouted and not any(word[0].islower() for word in proper)
    return " ".join(words) if plausible else ""


def _letters(word: str) -> int:
    return sum(map(str.isalpha, word))


def _anywhere(text: str) -> str:
    words = [word for word in re.sub(r'[",;()]', " ", text).split() if any(analyze(word).terms)]
    words = [word for word in words if not re.fullmatch(r"[^\W\d_]\.?", word)] or words  # without initials
    if not 1 <= len(words) <= _MOST_WORDS:
        return ""
    return " AND ".join(f"all:{_operand(word)}" for word in dict.fromkeys(words))


def _operand(text: str) -> str:
    return text if re.fullmatch(r"[\w.'-]+", text) else f'"{text}"'
