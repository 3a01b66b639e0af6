"""Hostile texts, and the functions that read other people's text, for the test and the benchmark of growth.

A function of `FUNCTIONS` takes a text of any length. A text of `TEXTS` is made for a length: it repeats one
piece, or one piece and then another, such as many brackets that open and many that close.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import date
from itertools import product

from bot.arxiv.author_line import authors_of
from bot.arxiv.tex import as_indexed
from bot.interactions.options import read_categories
from bot.model.errors import BotError
from bot.model.foreign_text import clean_text, terminal_text
from bot.model.links import papers_in, read_paper
from bot.model.papers import SavedPaper
from bot.model.withdrawal import says_withdrawn
from bot.present import digest_markdown, excerpts, library, limits, markdown
from bot.present.bibtex.entries import bibtex
from bot.present.bibtex.text import protected
from bot.present.latex.markup import read_markup
from bot.present.latex.unicode import to_unicode
from bot.present.resources import resources
from bot.present.venues import find_venue
from bot.present.whats_new.choice import whats_new
from bot.query.alternatives import alternatives
from bot.query.explain import FieldMatch
from bot.query.matcher import Matcher
from bot.query.operators import meant
from bot.query.query import parse, parse_typed
from bot.query.references import reference_in
from bot.query.typed import normalized
from bot.ranking.reasons import terms_in_words
from bot.ranking.terms import PlainText, count_terms
from bot.rules import schedules, zones
from bot.runtime.logs import hide_secrets
from tests.fakes.papers import EPOCH, make_paper

_QUERIES = Matcher(
    parse(text)
    for text in ("abc", "abs:abc AND abs:x", "ti:a* OR co:x*z", 'abs:"abc abc abc x"', "au:abc_x", "all:abc")
)


def _tolerant(function: Callable[[str], object]) -> Callable[[str], None]:
    """Return *function* without its refusals: that a text is refused is no matter here, only how soon."""

    def call(text: str) -> None:
        with contextlib.suppress(BotError):
            function(text)

    return call


def _bibtex(text: str) -> str:
    return bibtex([make_paper(title=text, authors=(text,), journal_ref=text, comment=text, doi=text)])


def _digest(text: str) -> str:
    paper = make_paper(title=text, abstract=text, comment=text)
    return digest_markdown.render([(text, [paper])], date(2026, 7, 24))


def _excerpts(text: str) -> list[str]:
    matches = FieldMatch("abs", (text[:300], text[100:200], "absent")), FieldMatch("au", (text,))
    return excerpts.in_context(make_paper(title=text, abstract=text), matches)


def _reading_list(text: str) -> str:
    kept = SavedPaper(make_paper(title=text, authors=(text,)), text, EPOCH)
    return library.as_markdown([kept], date(2026, 7, 24))


def _terms(text: str) -> tuple[str, ...]:
    plain = PlainText(text, text)
    return terms_in_words(dict.fromkeys(count_terms(plain).terms.tolist(), 1.0), [plain], 3)


def _matches(text: str) -> object:
    return _QUERIES.match_one(make_paper(title=text, abstract=text, comment=text, authors=(text,)))


FUNCTIONS: Mapping[str, Callable[[str], object]] = {
    "foreign text": clean_text,
    "TeX as arXiv's index has it": as_indexed,
    "arXiv's line of authors": authors_of,
    "terms in words": _terms,
    "text for a terminal": terminal_text,
    "HTML": read_markup,
    "LaTeX as Unicode": to_unicode.__wrapped__,
    "BibTeX": _bibtex,
    "BibTeX titles": protected,
    "Markdown, cleaned": markdown.clean,
    "Markdown, escaped": markdown.escape,
    "Markdown, labels": markdown.label,
    "Markdown, addresses": markdown.address,
    "links": lambda text: resources(make_paper(abstract=text, comment=text)),
    "venues": lambda text: find_venue(make_paper(comment=text, journal_ref=text, doi=text)),
    "what is new": lambda text: whats_new(text, text),
    "cuts": lambda text: limits.cut(text, len(text) - 1),
    "excerpts": _excerpts,
    "digest as Markdown": _digest,
    "reading list as Markdown": _reading_list,
    "withdrawals": lambda text: says_withdrawn(f"{text} withdrawn {text}"),
    "identifiers": papers_in,
    "one identifier": _tolerant(read_paper),
    "look-alikes": normalized,
    "queries": _tolerant(parse_typed),
    "links instead of words": reference_in,
    "operators of others": meant,
    "other queries": _tolerant(lambda text: alternatives(parse_typed(text), found=False)),
    "categories with their names": _tolerant(read_categories),
    "matching": _matches,
    "secrets": lambda text: hide_secrets(text, ["secret"]),
    "time zones": zones.suggest,
    "a time zone": _tolerant(schedules.read_zone),
    "days": _tolerant(schedules.read_days),
}

_PIECES = (
    " ", "\t", "\n", "a", "a ", "A", "Abc ", "1", "1 ", "é", "中", "\u0301", "\u200b", "\u200d", "\ud800",
    "{", "}", "{}", "}{", "{a", "[", "]", "(", ")", "f(", "[a](", "<", ">", "<a ", "<!--", "<sub>", "&",
    "<a b=", "<i", "<i>", "amp;", "\x1b", "\x1b[", "\x1b[0", "\x1b]", "\x9d", "\x07",
    "&amp", "&amp;", "$", "$$", "$a", "5$ ", "${", "\\", "\\\\", "\\$", "\\(", "\\)", "\\({", "\\[", "\\-",
    "\\x", "\\x{a}", "\\hat", "\\frac{", "\\cite{", "\\sqrt[", "\\'", "^", "_", "^{", "_{", "~", "`", "'",
    '"', "-", "--", "*", "|", "#", "+", ",", ";", ":", ".", "/", "x.", "-a", "a:", "http://", "https://x",
    "://a:", "@", "@1", "10.1234/", "2607.16206v1,", "math/", "arxiv", "authorization: ", "withdrawn ",
    "withdrawn from ", "this paper ", "not ", "a previous version ", "is now ", "ICLR ", "ti:", "au:",
    " AND ", "and ", "Collaboration: ", "x, ", " -a", " +a", "a|", "a || ", "and not a ", "·", "cs.LG · ",
    "cs.LG · Machine ", "+5", "UTC+", "we ", "we also ", "A. ", "(a. A ", "a: A. ", "Here, we ",
    "To address this ", "in this paper ", ", which ",
    "accepted to ", "accepted in A ", "(IEEE ", "https://a.b/c) ", "code at github.com/a ", "Phys. ", "ICLR'",
)  # fmt: skip
_OPENING = (
    "{", "[", "(", "<a ", "&", "$", "\\(", "\\frac{", "`", '"', "a", " ", "x.", "withdrawn ", "10.1234/",
    "<sub>", "<i><b>", "\x1b]", "\x1b[",
)  # fmt: skip
_CLOSING = (
    "</sub>", "</i>", "}", "]", ")", ">", ";", "$", "\\)", "'", '"', " ", "@", "a", "from ",
)  # fmt: skip


def _made(first: str, second: str = "") -> Callable[[int], str]:
    def text(length: int) -> str:
        half = length // 2 if second else length
        return (first * (half // len(first) + 1))[:half] + (second * length)[: length - half]

    return text


TEXTS: Mapping[str, Callable[[int], str]] = {
    **{f"{piece!r} repeated": _made(piece) for piece in _PIECES},
    **{f"{one!r}, then {two!r}": _made(one, two) for one, two in product(_OPENING, _CLOSING) if one != two},
}
