"""The language of the current task, as the current interaction belongs to the task.

`use_language` sets it where an answer or a post begins; logs and the command line stay English. It is a
context variable rather than an argument because about a hundred functions write sentences, and all of them
would only pass the argument on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

from babel.core import Locale

ENGLISH = "en"
_NEAREST = {"zh-TW": "zh-CN"}
"""Locales that have no catalogue but have a closer relative than English."""

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


@cache
def languages() -> tuple[str, ...]:
    """Return the supported languages, as Discord names them: English first, then those with a catalogue."""
    files = (file.name for file in resources.files("bot.i18n").iterdir())
    return (ENGLISH, *sorted(name.removesuffix(".po") for name in files if name.endswith(".po")))


@cache
def nearest(locale: str) -> str:
    """Return the supported language closest to *locale*, a Discord locale such as `en-GB` or `de`."""
    candidates = (locale, _NEAREST.get(locale), locale.partition("-")[0])
    return next((candidate for candidate in candidates if candidate in languages()), ENGLISH)


def use_language(language: str) -> None:
    """Write all further sentences of this task in *language*, one of `languages()`."""
    _language.set(language)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Write the sentences inside the `with` block in *language*, one of `languages()`."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> str:
    """Return the language of this task, one of `languages()`."""
    return _language.get()


def babel_locale(language: str | None = None) -> Locale:
    """Return Babel's locale for *language*, by default the current one."""
    return _locale(language or _language.get())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
