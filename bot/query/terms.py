"""From a field and its text to a term, in the way arXiv's index reads that field (pure).

Every builder raises `Unreadable` with a sentence for the person who typed it; the parser adds the column.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime

from bot.i18n import gettext as _
from bot.query.nodes import EveryWord, Node, Pattern, Phrase, Submitted, Term, Wildcard, join
from bot.query.text import analyze, analyze_combined, analyze_name, analyze_plain, fold, words

# What may stand after `field:` without quotes and is read back as the same text.
_BARE = re.compile(r"[^\s\"()*?:\\\[\]]+")
_OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})
# What an address bar or a telephone's keyboard puts in; only within quotes is it meant.
FROM_ADDRESS = re.compile(r"\+(ANDNOT|AND|OR|NOT)\+")
CURLY_QUOTE = re.compile("[“”„]")
_PREFIXED = re.compile(r"(?:ti|abs|au|co|jr|cat|id|doi|all|title|rn):")
_ANALYSERS = {"ti": analyze, "abs": analyze, "co": analyze_plain, "jr": analyze_plain}


class Unreadable(ValueError):
    """The text of a term cannot be searched for; `str()` says why."""


def keyword_node(text: str) -> Node:
    """Read a keyword: one word stands in title and abstract, several are a phrase in title or abstract.

    Raises:
        Unreadable: no word of it is in arXiv's index.
    """
    title, abstract = _text("ti", text), _text("abs", text)
    if not title.looks:
        raise Unreadable(stop_words_only(text))
    return join("OR" if " " in text else "AND", (title, abstract))


def stop_words_only(text: str) -> str:
    """Say that nothing of *text* can be found."""
    return _("“{text}” holds only words that arXiv leaves out of its index").format(text=text)


def term_node(field: str, text: str, *, quoted: bool) -> Node:
    """Read the *text* of one *field*, which stood in quotes or not.

    Raises:
        Unreadable: the text cannot be searched for.
    """
    text = " ".join(text.split())
    if not text:
        raise Unreadable(_("There is nothing between these quotes"))
    if not quoted and text[0] in "*?":
        raise Unreadable(_("A wildcard cannot be the first character"))
    if not quoted and ("*" in text or "?" in text):
        return _wildcard(field, text)
    if field in _ANALYSERS:
        return _text(field, text) if quoted else _every_word(field, text)
    if field == "au":
        return _name(text, quoted=quoted)
    if field == "all":
        return _anywhere(text, quoted=quoted)
    return _verbatim(field, text)


def _bare(value: str) -> bool:
    foreign = FROM_ADDRESS.search(value) or CURLY_QUOTE.search(value)
    return _BARE.fullmatch(value) is not None and value not in _OPERATORS and not foreign


# A keyword may stand in the quotes of a telephone's keyboard; in a title's words they are no part of any.
_CURLY_QUOTES = str.maketrans("“”„", "   ")


def _spoken(text: str) -> str:
    # A backslash would escape arXiv's closing quote; its index takes one for a blank anyway.
    return " ".join(text.replace("\\", " ").replace('"', " ").split())


def _words(text: str) -> list[str]:
    """Return the words of *text* without the stop words at its ends, unless there is nothing else.

    Raises:
        Unreadable: there is no word at all.
    """
    found = words(text)
    if not found:
        raise Unreadable(_("There is no word here to search for"))
    kept = [at for at, term in enumerate(analyze(text).terms) if term is not None]
    return found[kept[0] : kept[-1] + 1] if kept else found


def _text(field: str, text: str) -> Term:
    value = " ".join(_words(text)).lower()
    phrase = Phrase.of(_ANALYSERS[field](value))
    looks = ((field, phrase),) if phrase else ()
    typed = _spoken(text.translate(_CURLY_QUOTES))
    return Term(field, value, quoted=not _bare(value), typed=typed, looks=looks)


def _every_word(field: str, text: str) -> Node:
    # ArXiv cuts an unquoted text into words that must all be there: `abs:time-series` is no phrase.
    terms = [_text(field, word) for word in _words(text)]
    return join("AND", [term for term in terms if term.looks] or terms)


def _wildcard(field: str, text: str) -> Term:
    value = text
    if field not in {"cat", "id", "doi"}:
        value = fold(text) if field == "au" else text.lower()
        probe = value.replace("*", "x").replace("?", "x")
        one_word = words(probe) == [probe] if field != "au" else not re.search(r'[\s.,;_()"\\]', probe)
        if not one_word or ":" in value or value[0] in "*?":
            raise Unreadable(_("A wildcard works inside one word only"))
    value = re.sub(r"\*+", "*", value)
    pattern = Wildcard.of(value)
    fields = ("ti", "abs", "au", "co", "jr", "class", "combined") if field == "all" else (field,)
    return Term(field, value, quoted=False, typed=text, looks=tuple((name, pattern) for name in fields))


def _name(text: str, *, quoted: bool) -> Term:
    if not quoted and re.search(r"[,;]", text):
        raise Unreadable(_('Write a name as it is signed, in quotes if it has blanks: au:"del maestro"'))
    # ArXiv reads au:del_maestro as a phrase, though only at the start of a query; we always do.
    typed = _spoken(text.replace("_", " "))
    phrase = Phrase.of(analyze_name(typed))
    if phrase is None:
        raise Unreadable(_("There is no name here to search for"))
    value = " ".join(phrase.terms)
    return Term("au", value, quoted=not _bare(value), typed=typed, looks=(("au", phrase),))


def _anywhere(text: str, *, quoted: bool) -> Term:
    single = len(_words(text)) == 1
    together = quoted or single
    typed = _spoken(text) if together else text
    value = typed.lower()
    if not together and _PREFIXED.match(value):
        value = typed  # in lower case it would read as a field
    looks: list[tuple[str, Pattern | None]] = []
    for name, analyse in _ANALYSERS.items():
        phrase = Phrase.of(analyse(value))
        looks.append((name, phrase if together or phrase is None else EveryWord(phrase.terms)))
    if looks[0][1] is not None:
        combined = Phrase.of(analyze_combined(value))
        looks += [
            ("au", Phrase.of(analyze_name(value))),
            ("class", EveryWord(combined.terms) if combined else None),
            ("combined", combined),
        ]
    found = tuple((name, pattern) for name, pattern in looks if pattern is not None)
    return Term("all", value, quoted=together and not (single and _bare(value)), typed=typed, looks=found)


def _verbatim(field: str, text: str) -> Term:
    if " " in text or "\\" in text:
        raise Unreadable(_("“{field}:” takes one value without blanks").format(field=field))
    return Term(field, text, quoted=not _bare(text), typed=text, looks=((field, Phrase(text)),))


def submitted(text: str) -> Submitted:
    """Read `202601010000 TO 202601312359`; years, months and days alone are filled up as arXiv does.

    Raises:
        Unreadable: this is no such range.
    """
    ends = [end.strip() for end in text.split(" TO ")]
    if len(ends) != 2:
        raise Unreadable(_("Write a range of days: submittedDate:[20260101 TO 20260131]"))
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
            raise _no_date(digits)
        return datetime.strptime(filled, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except (ValueError, calendar.IllegalMonthError) as problem:
        raise _no_date(digits) from problem


def _no_date(digits: str) -> Unreadable:
    return Unreadable(_("“{text}” is no date; write it as 20260131 or 202601312359").format(text=digits))
