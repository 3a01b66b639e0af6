"""Cuts the sentence that says what is new: first what only leads to it, then a clause, then words."""

from __future__ import annotations

import re

from bot.present import limits
from bot.present.whats_new.cues import WORK, any_case

_WHOLE = 1.15  # a sentence a little above the limit is better whole than cut
_EARLIEST = 0.55  # of the limit: a cut before says too little
_CUT = " …"

_LEAD = any_case(
    rf"^(?:(?:In|With|Through) (?:this|the present|our) {WORK}|Here|Herein|However|Therefore|Thus|Hence"
    r"|In response|To (?:this|that) end|Accordingly|Motivated by (?:this|these)(?: \w+){0,3}"
    r"|Building on (?:this|these)(?: \w+){0,3}"
    r"|To (?:address|tackle|overcome|bridge|fill|solve|mitigate|remedy|handle|resolve|alleviate|achieve)"
    r" (?:this|these|that|those)(?: [\w-]+){0,3})\s*,?\s+(?=(?:we|I|this|a|an|the|it)\b)"
)
_IN_THIS_PAPER = any_case(r"^In (?:this|our) (?:paper|work|study|article|letter|report),?\s+")
_ABRIDGED = re.compile(r"^\[[Aa]bridged\.?\]\s*")
# What comes before the authors' own part: "Using a simple model of …, we show".
_WAY = re.compile(
    r"^(?:[^,;]{10,120}(?:,[^,;]{0,60})?,\s+((?i:we|this paper|this work|this study)\b.{50,})"
    r"|(?:Using|By|Based on|Motivated|Building|With|Through|Employing|Leveraging|Following|Via|Inspired"
    r"|Combining|Applying|In order to|To)\b.{10,200}?,?\s(we\b.{50,}))$"
)
_CLAUSE = re.compile(
    r"(?:,|;|:| –| —)\s|\s(?=(?:which|that|by|while|through|using|via|where|so that|in order)\b)"
)


def shorten(sentence: str, limit: int) -> str:
    """Return *sentence* for a place of *limit* characters.

    It stays whole up to 1.15 × *limit*. Above, it is cut at the last clause after .55 × *limit*, else at a
    word; then it has at most *limit* characters and ends in “ …”.
    """
    if lead := _LEAD.match(sentence):
        sentence = _capital(sentence[lead.end() :])
    sentence = _ABRIDGED.sub("", _capital(_IN_THIS_PAPER.sub("", sentence)))
    sentence = re.sub(r"\s([,.;:])", r"\1", sentence)
    if len(sentence) > limit and (way := _WAY.match(sentence)):
        sentence = _capital(way[1] or way[2])
    if limits.length(sentence) <= limit * _WHOLE:
        return sentence
    head = sentence[: limit - 1]
    at = max(
        (clause.start() for clause in _CLAUSE.finditer(head) if clause.start() >= _EARLIEST * limit),
        default=0,
    )
    if not at or head[:at].count("(") != head[:at].count(")"):
        at = head.rstrip().rfind(" ")
    if at <= 0:  # one long word, or a script without spaces
        return limits.cut(sentence, limit)
    return head[:at].rstrip(" ,;:–—") + _CUT


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
