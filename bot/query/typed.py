"""Typed text with its look-alikes as the characters that they look like (pure).

Phones write `’` for an apostrophe; PDFs hold ligatures, soft hyphens and accents apart from their letters;
Asian keyboards write full-width letters. None of them would ever match arXiv's index.
"""

from __future__ import annotations

import re
import unicodedata

# The letter apostrophes, the primes and the quotes that stand for an apostrophe within a word.
_APOSTROPHE = re.compile(r"(?<=\w)[’‘ʼʻ′＇`´](?=\w)")
_INVISIBLE = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn"}
)  # controls, formats, surrogates, private and unassigned ones


def normalized(text: str) -> str:
    """Return *text* in NFKC, on one line, without characters that nobody sees."""
    spaced = re.sub(r"\s", " ", _APOSTROPHE.sub("'", text))
    plain = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    return re.sub(r"\s", " ", unicodedata.normalize("NFKC", plain))
