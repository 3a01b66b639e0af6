"""Typed text with its look-alikes as the characters that they look like (pure).

Phones write `’` for an apostrophe; PDFs hold ligatures, soft hyphens and accents apart from their letters;
Asian keyboards write full-width letters. None of them would ever match arXiv's index.
"""

from __future__ import annotations

import re
import unicodedata

from bot.model.foreign_text import BLANKS
from bot.model.taxonomy import ARCHIVES, CATEGORIES, SPELLINGS

# The letter apostrophes, the primes and the quotes that stand for an apostrophe within a word.
_APOSTROPHE = re.compile(r"(?<=\w)[’‘ʼʻ′＇`´](?=\w)")
_CATEGORIES = {**ARCHIVES, **CATEGORIES}
_LAST_WORD = re.compile(r"(?:^|[\s,:(;])([\w.-]+)\s*$")
_LONGEST = 40  # characters of a category and the spaces after it
_INVISIBLE = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn"}
)  # controls, formats, surrogates, private and unassigned ones


def normalized(text: str) -> str:
    """Return *text* in NFKC, on one line, without characters that nobody sees."""
    spaced = re.sub(r"\s", " ", _APOSTROPHE.sub("'", text))
    spaced = "".join(" " if char in BLANKS else char for char in spaced)
    plain = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    return re.sub(r"\s", " ", unicodedata.normalize("NFKC", plain))


def without_category_names(text: str) -> str:
    """Return *text* without the names that a choice shows after categories: `cat:cs.LG · Machine Learning`.

    A name may be cut at its end, as in a long choice; other text after a middle dot stays.
    """
    first, *parts = text.split("·")
    written = [first]
    for part in parts:
        last = _LAST_WORD.search(written[-1][-_LONGEST:])  # bounded, or this would take quadratic time
        category = SPELLINGS.get(last[1].lower()) if last else None
        after = _after(_CATEGORIES[category], part.strip()) if category else None
        if after is None:
            written += ["·", part]
        else:
            written[-1] = written[-1].rstrip()
            written.append(after)
    return "".join(written)


def as_picked(text: str) -> str:
    """Return *text*, a query, without the names of categories; a lone `cs.LG · Machine Learning` is one."""
    value = without_category_names(text)
    return f"cat:{value}" if value != text and value.strip().lower() in SPELLINGS else value


def _after(name: str, text: str) -> str | None:
    """Return what follows *name* in *text*, "" if *text* is its beginning; None if it is another text."""
    typed, cut = text.casefold(), text.rstrip("….").casefold()
    if typed.startswith(name.casefold()):
        return text[len(name) :]
    return "" if cut and name.casefold().startswith(cut) else None
