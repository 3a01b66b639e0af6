"""Reads the HTML that authors and publishers leave in titles and abstracts: `H<sub>2</sub>O`, `&amp;lt;`.

Most `<` and `&` of arXiv's are no HTML: `a < b`, `<x, y>`, `n<m>k`. So only a few tags count, and only in
pairs, but for line breaks, and only entities that end with a semicolon.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from html.entities import html5

# An entity may itself have been escaped, several times.
_ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>(?:jats:)?(?:sub|sup|italic|bold|scp?|i|b|u|em|strong|tt|small|big|strike|nobr|center"
    r"|span|font|p|a|h[1-6]|[uo]l|li|inline-formula|disp-formula|tex-math)|mml:[a-z]{2,12})"
    r"(?:\s{1,3}[\w:-]{1,30}\s{0,3}=[^<>]{0,300})?\s?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s?/?>", re.IGNORECASE)
_SCRIPTS = {"sub": "\\textsubscript{", "sup": "\\textsuperscript{"}
_LONGEST_SCRIPT = 60  # with its tags; more would be a sentence, whose spaces a script loses


def read_markup(text: str) -> str:
    """Return *text* without its HTML: entities as characters, scripts as LaTeX, other tags left out."""
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" not in text or ">" not in text:
        return text
    text = _BREAK.sub(" ", text)
    shown = _pairs(text)
    out: list[str] = []
    at = 0
    for tag in _TAG.finditer(text):
        if tag.start() in shown:
            out += (text[at : tag.start()], shown[tag.start()])
            at = tag.end()
    return "".join((*out, text[at:]))


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    if not name.startswith("#") and name not in html5:
        return f"&{name}"
    return unescape(f"&{name}")


def _pairs(text: str) -> dict[int, str]:
    """Return what to show for each tag that has a partner, by its position."""
    shown: dict[int, str] = {}
    opened: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()
    for tag in _TAG.finditer(text):
        name = tag["name"].lower().removeprefix("jats:")
        if not tag["close"]:
            opened.append((name, tag.start()))
            waiting[name] += 1
            continue
        if not waiting[name]:
            continue
        partner, start = "", 0
        while partner != name:
            partner, start = opened.pop()
            waiting[partner] -= 1
        if name in _SCRIPTS and tag.end() - start <= _LONGEST_SCRIPT:
            shown[start], shown[tag.start()] = _SCRIPTS[name], "}"
        else:
            shown[start] = shown[tag.start()] = " " if name == "p" else ""
    return shown
