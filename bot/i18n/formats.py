"""Numbers, dates, durations and lists as the current language writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from babel import dates, lists, numbers

from bot.i18n.catalogues import ngettext, pgettext
from bot.i18n.language import ENGLISH, babel_locale, current_language


def format_number(value: float) -> str:
    """Return a number with the separators of the current language: `1,234` in English."""
    return numbers.format_decimal(value, locale=babel_locale(), decimal_quantization=False)


def format_date(day: date) -> str:
    """Return a date as the current language writes it: `2 February 2026` in English."""
    if current_language() == ENGLISH:
        return f"{day.day} {day:%B %Y}"
    return dates.format_date(day, "long", locale=babel_locale())


def format_day_and_month(day: date) -> str:
    """Return a date without its year: `2 February` in English."""
    if current_language() == ENGLISH:
        return f"{day.day} {day:%B}"
    return dates.format_skeleton("MMMMd", day, locale=babel_locale())


def format_day(day: date, today: date | None) -> str:
    """Return a date in short, unbroken: `17 Feb`; with its year if that of *today* differs or is unknown."""
    same_year = today is not None and day.year == today.year
    if current_language() == ENGLISH:
        text = f"{day.day} {day:%b}" if same_year else f"{day.day} {day:%b %Y}"
    else:
        text = dates.format_skeleton("MMMd" if same_year else "yMMMd", day, locale=babel_locale())
    return text.replace(" ", "\u00a0")


def format_list(parts: Sequence[str], *, either: bool = False) -> str:
    """Return *parts*, at least one, as a sentence lists them: `a, b and c`, or with *either* `a, b or c`."""
    if current_language() != ENGLISH:
        return lists.format_list(list(parts), "or" if either else "standard", babel_locale())
    *first, last = parts
    return f"{', '.join(first)} {'or' if either else 'and'} {last}" if first else last


def format_duration(seconds: float) -> str:
    """Return how long to wait, rounded up to a whole number: `24 seconds`, `2 minutes`."""
    whole = max(math.ceil(seconds), 1)
    if whole < 90:
        return ngettext("{count} second", "{count} seconds", whole).format(count=format_number(whole))
    whole = math.ceil(seconds / 60)
    return ngettext("{count} minute", "{count} minutes", whole).format(count=format_number(whole))


def join_sentences(*parts: str) -> str:
    """Return whole sentences in a row, skipping empty ones; Chinese puts no space between them."""
    joined = ""
    for sentence in filter(None, parts):
        two = pgettext("two sentences", "{first} {second}")
        joined = two.format(first=joined, second=sentence) if joined else sentence
    return joined
