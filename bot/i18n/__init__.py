"""The languages that the bot speaks: one gettext catalogue a language, English where it lacks a sentence.

    from bot.i18n import gettext as _, ngettext

    _("Nothing is subscribed in {where} yet.").format(where=where)
    ngettext("{count} paper", "{count} papers", count).format(count=number(count))

Which language that is belongs to the task, as the current interaction does: `speak` sets it where an answer
or a post begins, and what a log or the command line says stays English. A catalogue is the file
`bot/i18n/LANGUAGE.po`, named as Discord names its locales; it is read as it is, so nothing is compiled,
and a language is added by adding a file.

A context variable rather than an argument: some hundred functions write sentences, and all that one of them
could do with the argument is to hand it on.
"""

from __future__ import annotations

import gettext as _gettext
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib import resources

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ENGLISH = "en"
_NEAREST = {"zh-TW": "zh-CN"}
"""Whose own catalogue is missing reads the nearest rather than English."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that there are, as Discord names them; English first."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return (ENGLISH, *sorted(name.removesuffix(".po") for name in files if name.endswith(".po")))


def nearest(locale: str) -> str:
    """Return the language that somebody reads whose Discord is set to *locale*, such as `en-GB` or `de`."""
    tried = (locale, _NEAREST.get(locale), locale.partition("-")[0])
    return next((found for found in tried if found in languages()), ENGLISH)


def speak(language: str) -> None:
    """Let all that this task says from now on be in *language*, one of `languages()`."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let what is said inside be in *language*, one of `languages()`."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the language that is spoken in this task."""
    return _spoken.get()


def gettext(message: str) -> str:
    """Return *message* in the language spoken."""
    return _catalogue(_spoken.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the sentence that goes with *count*."""
    return _catalogue(_spoken.get()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return *message* as it is called in *context*, such as the name of a command."""
    return _catalogue(_spoken.get()).pgettext(context, message)


def marked(message: str) -> str:
    """Return *message* as it is: it stands in the catalogues, and is translated where it is shown."""
    return message


def in_every_language(*messages: str) -> set[str]:
    """Return what *messages* are in any of the languages: what was written may be read back in another."""
    return {_catalogue(language).gettext(message) for language in languages() for message in messages}


def number(value: float) -> str:
    """Return a number with the separators of the language spoken."""
    return format_decimal(value, locale=locale(), decimal_quantization=False)


def day(moment: date, *, whole: bool = False) -> str:
    """Return a date as the language spoken writes it, `2 Feb 2026` in English: as arXiv does.

    With *whole*, the month is not shortened.
    """
    if _spoken.get() == ENGLISH:
        return f"{moment.day} {moment:%B %Y}" if whole else f"{moment.day} {moment:%b %Y}"
    return format_date(moment, "long" if whole else "medium", locale=locale())


def listed(parts: Sequence[str], *, either: bool = False) -> str:
    """Return *parts* as a sentence lists them: `a, b and c`, or with *either* `a, b or c`."""
    if _spoken.get() != ENGLISH:
        return format_list(list(parts), "or" if either else "standard", locale())
    *first, last = parts
    return f"{', '.join(first)} {'or' if either else 'and'} {last}" if first else last


def sentences(*some: str) -> str:
    """Return whole sentences one after another; not every language has blanks between them."""
    said = ""
    for sentence in filter(None, some):
        two = pgettext("two sentences", "{first} {second}")
        said = two.format(first=said, second=sentence) if said else sentence
    return said


def span(seconds: float) -> str:
    """Return a time to wait in words, never less than it is: `24 seconds`, `2 minutes`."""
    whole = max(math.ceil(seconds), 1)
    if whole < 90:
        return ngettext("{count} second", "{count} seconds", whole).format(count=number(whole))
    whole = math.ceil(seconds / 60)
    return ngettext("{count} minute", "{count} minutes", whole).format(count=number(whole))


def locale() -> Locale:
    """Return Babel's name for the language spoken."""
    return _locale(_spoken.get())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    file = resources.files(__name__) / f"{language}.po"
    if language == ENGLISH or not file.is_file():
        return _gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=str(_locale(language))))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)
