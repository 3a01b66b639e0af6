"""Splits an abstract into its sentences."""

from __future__ import annotations

import re

_LONGEST_ABBREVIATION = 12
_LOOK_BACK = 200  # a bracket that opened earlier was probably never closed
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|Figs?|Eqs?|Sec|Refs?|al|resp|approx|Dr|Prof|St|Nos?|Vol|w\.r\.t|a\.k\.a|viz|ca|Inc"
    r"|U\.S|Ph\.D|Thm|Prop|Lem|Rev|Lett|Phys|Amer|Math|Astron|Proc|Int|Conf)|\b[A-Z])\.$"
)
# A mark, what closes with it, and a capital, a number or a formula after a space; or, where an author forgot
# the space, a full stop between two words: "such platforms.To address this".
_END = re.compile(
    r"[.!?][\"”’')\]]*(?=\s+[\"“‘(\[$\\]*[A-Z0-9$\\(])|(?<=[a-z)]{2})\.(?=[A-Z][a-z]+s?\s[a-z])"
)


def sentences(text: str) -> list[str]:
    """Return the sentences of *text*, which is on one line.

    None ends after an abbreviation, after a single capital letter, or in brackets.
    """
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _goes_on(text, start, end):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [sentence for sentence in (*found, text[start:].strip()) if sentence]


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Tell whether the sentence from *start* does not end with the match *end*."""
    at = end.start()
    if text[at] == "." and _ABBREVIATION.search(text[max(start, at - _LONGEST_ABBREVIATION) : at + 1]):
        return True
    before = text[max(start, at - _LOOK_BACK) : at]
    return before.count("(") > before.count(")") or before.count("[") > before.count("]")
