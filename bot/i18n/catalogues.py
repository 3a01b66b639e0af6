"""Translations from the gettext catalogues `bot/i18n/LANGUAGE.po`; English where one lacks a sentence.

Catalogues are read as they are, so nothing needs compiling, and adding a file adds a language.
"""

from __future__ import annotations

import gettext as _gettext
import io
from functools import cache
from importlib import resources

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.i18n.language import ENGLISH, babel_locale, current_language, languages


def gettext(message: str) -> str:
    """Return *message* in the current language."""
    return _catalogue(current_language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the sentence that goes with *count*, in the current language."""
    return _catalogue(current_language()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return *message* in the current language, as translated for *context*, such as `command name`."""
    return _catalogue(current_language()).pgettext(context, message)


def gettext_noop(message: str) -> str:
    """Return *message* unchanged; marks a constant for the catalogues, to be translated when shown."""
    return message


def all_translations(*messages: str) -> set[str]:
    """Return *messages* in every language, to recognize a text that was written in any of them."""
    return {_catalogue(language).gettext(message) for language in languages() for message in messages}


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    file = resources.files("bot.i18n") / f"{language}.po"
    if language == ENGLISH or not file.is_file():
        return _gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=str(babel_locale(language))))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)
