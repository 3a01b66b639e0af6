"""Builds a term from a field and its text, as arXiv's index analyzes that field (pure).

A text that cannot be searched for raises `Unreadable`; the parser adds the column.
"""

from __future__ import annotations

import calendar
import difflib
import re
from datetime import UTC, datetime

from bot.i18n import format_list
from bot.i18n import gettext as _
from bot.model.taxonomy import SPELLINGS
from bot.query.nodes import Node, Submitted, Term, join
from bot.query.patterns import EveryWord, Pattern, Phrase, Wildcard
from bot.query.text import analyze, analyze_combined, analyze_name, analyze_plain, fold, words

# What may follow `field:` without quotes and be parsed back as the same text.
_BARE = re.compile(r"[^\s\"()*?:\\\[\]]+")
_OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})
# Inserted by an address bar or a phone's keyboard; intended only within quotes.
FROM_ADDRESS = re.compile(r"\+(ANDNOT|AND|OR|NOT)\+")
CURLY_QUOTE = re.compile("[“”„]")
_PREFIXED = re.compile(r"(?:ti|abs|au|co|jr|cat|id|doi|all|title|rn):")
_ANALYZERS = {"ti": analyze, "abs": analyze, "co": analyze_plain, "jr": analyze_plain}


class Unreadable(ValueError):
    """The text of a term cannot be searched for; the message tells the person who typed it why."""


def keyword_node(text: str) -> Node:
    """Return the query for a keyword: one word in both title and abstract, or a phrase in either.

    Raises:
        Unreadable: *text* has no word that arXiv indexes.
    """
    title, abstract = _text("ti", text), _text("abs", text)
    if not title.lookups:
        raise Unreadable(stop_words_only(text))
    return join("OR" if " " in text else "AND", (title, abstract))


def stop_words_only(text: str) -> str:
    """Return the message for a *text* that consists of stop words."""
    return _("“{text}” contains only words that arXiv does not index").format(text=text)


def term_node(field: str, text: str, *, quoted: bool) -> Node:
    """Return the query for *text* in one *field*; *quoted* tells whether it was typed in quotes.

    Raises:
        Unreadable: the text cannot be searched for.
    """
    text = " ".join(text.split())
    if not text:
        raise Unreadable(_("These quotes are empty"))
    if not quoted and text[0] in "*?":
        raise Unreadable(_("A wildcard cannot be the first character"))
    if not quoted and ("*" in text or "?" in text):
        return _wildcard(field, text)
    if field in _ANALYZERS:
        return _text(field, text) if quoted else _every_word(field, text)
    if field == "au":
        return _name(text, quoted=quoted)
    if field == "all":
        return _anywhere(text, quoted=quoted)
    return _verbatim(field, text)


def _bare(value: str) -> bool:
    foreign = FROM_ADDRESS.search(value) or CURLY_QUOTE.search(value)
    return _BARE.fullmatch(value) is not None and value not in _OPERATORS and not foreign


# A phone's keyboard types curly quotes around a keyword; no word of a title contains them.
_CURLY_QUOTES = str.maketrans("“”„", "   ")


def _without_quotes(text: str) -> str:
    # A backslash would escape arXiv's closing quote; arXiv's index treats it as a space anyway.
    return " ".join(text.replace("\\", " ").replace('"', " ").split())


def _words(text: str) -> list[str]:
    """Return the words of *text* without stop words at its ends, or all of them if all are stop words.

    Raises:
        Unreadable: *text* has no words.
    """
    all_words = words(text)
    if not all_words:
        raise Unreadable(_("There is no word here to search for"))
    kept = [at for at, term in enumerate(analyze(text).terms) if term is not None]
    return all_words[kept[0] : kept[-1] + 1] if kept else all_words


def _text(field: str, text: str) -> Term:
    value = " ".join(_words(text)).lower()
    phrase = Phrase.of(_ANALYZERS[field](value))
    lookups = ((field, phrase),) if phrase else ()
    typed = _without_quotes(text.translate(_CURLY_QUOTES))
    return Term(field, value, quoted=not _bare(value), typed=typed, lookups=lookups)


def _every_word(field: str, text: str) -> Node:
    # ArXiv splits an unquoted text into words that must all occur: `abs:time-series` is not a phrase.
    terms = [_text(field, word) for word in _words(text)]
    return join("AND", [term for term in terms if term.lookups] or terms)


def _wildcard(field: str, text: str) -> Term:
    value = text
    if field not in {"cat", "id", "doi"}:
        value = fold(text) if field == "au" else text.lower()
        probe = value.replace("*", "x").replace("?", "x")
        one_word = words(probe) == [probe] if field != "au" else not re.search(r'[\s.,;_()"\\]', probe)
        if not one_word or ":" in value or value[0] in "*?":
            raise Unreadable(_("A wildcard works only within a single word"))
    value = re.sub(r"\*+", "*", value)
    pattern = Wildcard.of(value)
    fields = ("ti", "abs", "au", "co", "jr", "class", "combined") if field == "all" else (field,)
    return Term(field, value, quoted=False, typed=text, lookups=tuple((name, pattern) for name in fields))


def _name(text: str, *, quoted: bool) -> Term:
    if not quoted and re.search(r"[,;]", text):
        raise Unreadable(_('Write a name without commas, in quotes if it has spaces: au:"del maestro"'))
    # ArXiv treats au:del_maestro as a phrase, but only at the start of a query; here it always is one.
    typed = _without_quotes(text.replace("_", " "))
    phrase = Phrase.of(analyze_name(typed))
    if phrase is None:
        raise Unreadable(_("There is no name here to search for"))
    value = " ".join(phrase.terms)
    return Term("au", value, quoted=not _bare(value), typed=typed, lookups=(("au", phrase),))


def _anywhere(text: str, *, quoted: bool) -> Term:
    single = len(_words(text)) == 1
    together = quoted or single
    typed = _without_quotes(text) if together else text
    value = typed.lower()
    if not together and _PREFIXED.match(value):
        value = typed  # in lower case it would be parsed as a field
    lookups: list[tuple[str, Pattern | None]] = []
    for name, analysis_of in _ANALYZERS.items():
        phrase = Phrase.of(analysis_of(value))
        lookups.append((name, phrase if together or phrase is None else EveryWord(phrase.terms)))
    if lookups[0][1] is not None:
        combined = Phrase.of(analyze_combined(value))
        lookups += [
            ("au", Phrase.of(analyze_name(value))),
            ("class", EveryWord(combined.terms) if combined else None),
            ("combined", combined),
        ]
    kept = tuple((name, pattern) for name, pattern in lookups if pattern is not None)
    return Term("all", value, quoted=together and not (single and _bare(value)), typed=typed, lookups=kept)


def _verbatim(field: str, text: str) -> Term:
    if " " in text or "\\" in text:
        raise Unreadable(_("“{field}:” takes a single value without spaces").format(field=field))
    return Term(field, text, quoted=not _bare(text), typed=text, lookups=((field, Phrase(text)),))


def known_category(text: str) -> str:
    """Return the category or archive *text* as arXiv writes it, whatever its case; a wildcard as it is.

    Raises:
        Unreadable: arXiv has none of that name.
    """
    if "*" in text or "?" in text:
        return text
    if name := SPELLINGS.get(text.strip().lower()):
        return name
    near = difflib.get_close_matches(text.lower(), SPELLINGS, 3)
    if not near:
        raise Unreadable(_("“{typed}” is not an arXiv category").format(typed=text[:60]))
    meant = format_list([SPELLINGS[name] for name in near], either=True)
    raise Unreadable(
        _("“{typed}” is not an arXiv category; did you mean {meant}?").format(typed=text[:60], meant=meant)
    )


def submitted(text: str) -> Submitted:
    """Parse `202601010000 TO 202601312359`; a year, month or day alone is completed as arXiv does.

    Raises:
        Unreadable: *text* is not such a range.
    """
    ends = [end.strip() for end in text.split(" TO ")]
    if len(ends) != 2:
        raise Unreadable(_("Write a range of dates: submittedDate:[20260101 TO 20260131]"))
    start, end = _moment(ends[0], last=False), _moment(ends[1], last=True)
    if start > end:
        raise Unreadable(_("This range ends before it begins"))
    return Submitted(start, end)


def _moment(digits: str, *, last: bool) -> datetime:
    filled = digits[:12]
    try:
        if len(filled) == 4:
            filled += "1231" if last else "0101"
        if len(filled) == 6:
            day = calendar.monthrange(int(filled[:4]), int(filled[4:]))[1] if last else 1
            filled += f"{day:02}"
        if len(filled) == 8:
            filled += "2359" if last else "0000"
        if not (
            filled.isascii() and filled.isdigit() and len(filled) == 12 and len(digits) in {4, 6, 8, 12, 14}
        ):
            raise _not_a_date(digits)
        return datetime.strptime(filled, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except (ValueError, calendar.IllegalMonthError) as problem:
        raise _not_a_date(digits) from problem


def _not_a_date(digits: str) -> Unreadable:
    return Unreadable(_("“{text}” is not a date; write it as 20260131 or 202601312359").format(text=digits))
