"""Names of people: as somebody types them, and whether an author's name can be the same person's (pure).

A name is compared in the words of arXiv's index (`bot.query.text.analyze_name`), without accents and marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.query.text import analyze_name, fold
from bot.query.typed import normalized

PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "af al am ben bin da dal de degli dei del della den der di do dos du el ibn la le op san st ten ter "
        "van vom von y zu zum zur",
    )
)
"""Words, in lower case, that belong to a family name and stand before its last word."""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-]+[^\W\d_]*)*")
_MOST_WORDS = 8
_GLUED = 3  # `JP` and `LJP` are initials, `NASA` is none


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in the words of arXiv's index: those of the *family* name, and the *given* names and initials.

    A name with a hyphen is one, `xiao-li`. *given* is empty if none is known.
    """

    family: tuple[str, ...]
    given: tuple[str, ...] = ()

    @property
    def spelt_out(self) -> bool:
        """Whether the first given name is more than an initial."""
        return bool(self.given) and any(len(part) > 1 for part in self.given[0].split("-"))


def read_name(text: str) -> tuple[PersonName, ...]:
    """Return how *text* can be read as one person's name, the likeliest reading first.

    `Yann LeCun`, `Y. LeCun`, `LeCun, Yann` and `LeCun` have one reading each, except that two or three words
    without a comma may also begin with the family name, as in Chinese.

    Raises:
        UserError: it is no name.
    """
    plain = normalized(text)
    family, comma, given = plain.partition(",")
    if comma and _bare(given) not in _SUFFIXES and given.strip():
        words = _words(text, f"{family} {given}")
        count = len(family.split())
        return (PersonName(_terms(words[:count]), tuple(_parts(words[count:], words))),)
    words = _words(text, plain.replace(",", " "))
    start = len(words) - 1
    while start > 0 and _is_particle(words[start - 1]):
        start -= 1
    readings = [PersonName(_terms(words[start:]), tuple(_parts(words[:start], words)))]
    terms = _terms(words)
    if start == len(words) - 1 and 2 <= len(terms) <= 3 and min(map(len, terms)) > 1 and "." not in plain:
        readings.append(PersonName(terms[:1], tuple(_parts(words[1:], words))))
    return tuple(readings)


def author_as(author: str, name: PersonName) -> PersonName | None:
    """Return the name of *author*, as arXiv writes it, if it can be *name*; None if it cannot.

    The family names are equal, and each given name is equal to the other's or an initial of it. The family
    name may come first.
    """
    if name.family[-1] not in fold(author):  # which is quick, and a collaboration has thousands
        return None
    words = [word for word in author.split() if _bare(word)]
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        words.pop()
    terms, count = _terms(words), len(name.family)
    if len(terms) != len(words) or len(terms) < count:
        return None
    if terms[-count:] == name.family:
        given = words[:-count]
        while len(given) > 1 and _is_particle(given[-1]) and _bare(given[-1]) not in name.given:
            given.pop()
        found = PersonName(name.family, tuple(_parts(given, words)))
        if agree(found.given, name.given):
            return found
    if terms[:count] == name.family and len(terms) > count:
        found = PersonName(name.family, tuple(_parts(words[count:], words)))
        if 0 < len(found.given) <= len(name.given) and agree(found.given, name.given):
            return found
    return None


def agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether given names can be the same person's: `yann`, `y` and `yann a` can, `yann` and `yves` not.

    Middle names may be missing on one side, but not half a name: `xiao` is not `xiao-li`. Without any given
    name nothing contradicts.
    """
    if not one or not other:
        return True
    parts, others = parts_of(one), parts_of(other)
    if "".join(parts) == "".join(others):
        return True
    if len(parts) == len(others):
        return all(map(_alike, parts, others))
    if not _alike(one[0], other[0]):
        return False
    shorter, longer = sorted((one[1:], other[1:]), key=len)
    remaining = iter(longer)
    return all(any(_alike(name, candidate) for candidate in remaining) for name in shorter)


def parts_of(given: Sequence[str]) -> list[str]:
    """Return the parts of *given* names: `xiao-li` has two."""
    return [part for name in given for part in name.split("-")]


def written(author: str) -> str:
    """Return the name of *author* as it is written in a query: without the marks that arXiv's index drops."""
    bare = (re.sub(r'[.,;"\\_]', "", word) for word in author.split())
    return " ".join(word for word in bare if word)


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _words(typed: str, text: str) -> list[str]:
    words = text.split()
    if not 1 <= len(words) <= _MOST_WORDS or not all(map(_NAME.fullmatch, words)) or not _terms(words):
        raise UserError(
            _(
                "“{typed}” is not a person's name. Type one such as `Yann LeCun`, `Y. LeCun`, or "
                "`LeCun, Yann`."
            ).format(typed=typed[:100])
        )
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        words.pop()
    return words


def _bare(word: str) -> str:
    return fold(re.sub(r"[.,;]", "", word)).strip()


def _terms(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(term for term in analyze_name(" ".join(words)).terms if term)


def _is_particle(word: str) -> bool:
    return word not in {"Y", "Y."} and _bare(word) in PARTICLES


def _parts(words: Sequence[str], whole: Sequence[str]) -> Iterator[str]:
    """Yield each given name and each initial in *words*: `L.J.P.` and `LJP` are three initials.

    If the *whole* name is in capitals, words of capitals are no initials.
    """
    shouted = all(word.isupper() for word in whole)
    for word in words:
        glued = word.isupper() and word.isalpha() and 1 < len(word) <= _GLUED and not shouted
        if word.rstrip(".").count(".") and "-" not in fold(word):
            pieces = word.split(".")
        else:
            pieces = list(word) if glued else [word]
        for piece in pieces:
            if folded := _bare(piece).strip("-"):
                yield folded
