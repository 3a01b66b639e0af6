"""Parses the time zone and days of a digest as people write them, and names the days (pure)."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from bot.i18n import babel_locale, format_list, gettext_noop, in_language, join_sentences, languages
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.rules import zones
from bot.rules.zone_names import is_offset_like, zone_label

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY = frozenset(range(7))
_WEEKDAYS = frozenset(range(5))
_WEEKEND = frozenset({5, 6})
_ALIASES = {"daily": _EVERY, "weekdays": _WEEKDAYS}
# Words for several days at once, in the singular too, since people type either.
_SEVERAL = {
    **_ALIASES,
    "everyday": _EVERY,
    "day": _EVERY,
    "weekday": _WEEKDAYS,
    "workday": _WEEKDAYS,
    "workdays": _WEEKDAYS,
    "m-f": _WEEKDAYS,
    "mwf": frozenset({0, 2, 4}),
    "tth": frozenset({1, 3}),
    "weekend": _WEEKEND,
    "weekends": _WEEKEND,
    "days": _EVERY,
    "tag": _EVERY,
    "tage": _EVERY,
    "werktag": _WEEKDAYS,
    "werktags": _WEEKDAYS,
    "werktagen": _WEEKDAYS,
    "wochentags": _WEEKDAYS,
    "wochenenden": _WEEKEND,
    "wochenende": _WEEKEND,
    "周末": _WEEKEND,
}
_WIDTHS: tuple[Literal["wide", "abbreviated", "short", "narrow"], ...] = (
    "wide",
    "abbreviated",
    "short",
    "narrow",
)
_FILLERS = frozenset({"every", "each", "all", "on", "and", "the", "und", "jeden", "alle", "am", "an", "在"})
_SEPARATORS = re.compile(r"[\s,;&+/、，和及与]+")
_RANGE = re.compile(r"\s*(?:[-–—~]|\bto\b|\bbis\b|至|到)\s*")
_LONGEST_ZONE = 100  # characters; comparing longer ones with every zone would take long
_HOW = gettext_noop("Write `daily`, `weekdays`, or days such as `mon,thu`.")


def read_days(text: str) -> frozenset[int]:
    """Return the days that *text* names, by number; Monday is 0.

    It reads days as people write them (`daily`, `weekdays`, `mon,thu`, `every Monday`, `Mon & Fri`,
    `Mon-Fri`), and as they are offered, in any language.

    Raises:
        UserError: a part of *text* is not a day.
    """
    lowered = " ".join(text.casefold().split()).strip(" .")
    if (offered := _offered().get(lowered)) is not None:
        return offered
    words = _SEPARATORS.split(_RANGE.sub("-", lowered))
    days = frozenset(day for word in words if word and word not in _FILLERS for day in _days(word))
    if not days:
        raise UserError(join_sentences(_("A digest needs at least one day."), _(_HOW)))
    return days


def _days(word: str) -> frozenset[int]:
    """Return the days that one *word* names: a day, a range such as `mon-fri`, or `weekdays`."""
    if word in _SEVERAL:
        return _SEVERAL[word]
    first, _dash, last = word.partition("-")
    start, end = _day(first), _day(last or first)
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _day(word: str) -> int:
    bare = word.strip(".").removeprefix("每")
    for number, name in enumerate(_NAMES):
        # Plurals, as in "Mondays", and prefixes such as "mon" and "thurs".
        if len(bare) >= 3 and name.lower().startswith(bare.removesuffix("s") if len(bare) > 5 else bare):
            return number
    for names in _day_names():
        if (found := names.get(bare.removesuffix("s"))) is not None:
            return found
    message = _("“{typed}” is not a day of the week.").format(typed=word[:30])
    raise UserError(join_sentences(message, _(_HOW)))


@cache
def _offered() -> dict[str, frozenset[int]]:
    """Return the days of each text in which several days are written as one word, in every language."""
    found: dict[str, frozenset[int]] = {}
    for language in languages():
        with in_language(language):
            for days in (_EVERY, _WEEKDAYS):
                found[write_days(days).casefold()] = found[_every(days).casefold()] = days
    return found


@cache
def _day_names() -> list[dict[str, int]]:
    """Return the days by name in lower case, one mapping for each language."""
    return [
        {
            name.casefold().strip("."): day
            for width in _WIDTHS
            if width != "narrow" or language == "zh-CN"  # elsewhere, narrow names are ambiguous
            for day, name in get_day_names(width, locale=babel_locale(language)).items()
        }
        for language in languages()
    ]


def write_days(days: frozenset[int]) -> str:
    """Return *days* in words: `every day`, `on weekdays`, `on Monday and Thursday`."""
    if days == _EVERY:
        return _("every day")
    if days == _WEEKDAYS:
        return _("on weekdays")
    return _("on {days}").format(days=named_days(days))


def named_days(days: frozenset[int]) -> str:
    """Return the names of *days* as a list: `Monday and Thursday`."""
    named = get_day_names("wide", locale=babel_locale())
    return format_list([named[day] for day in sorted(days)])


def alias_of(days: frozenset[int]) -> str:
    """Return the one word for *days*, `daily` or `weekdays`; "" if there is none."""
    return next((word for word, meant in _ALIASES.items() if meant == days), "")


def suggest_days(typed: str) -> dict[str, str]:
    """Return completions of *typed*, a value of the option `days`, each with its meaning in words.

    First come the words for several days, then *typed* followed by each weekday that it lacks.
    """
    words = typed.lower().replace(",", " , ").replace(" and ", " , ").split()
    parts = " ".join(word for word in words if word not in _FILLERS).split(",")
    *done, last = [part.strip() for part in parts]
    done = [part[:3] for part in done]
    offered = [word for word in _ALIASES if not done and word.startswith(last)]
    if all(part in _DAYS for part in done):
        rest = [day for at, day in enumerate(_DAYS) if day not in done and _begins(last, at)]
        offered += [",".join([*done, day]) for day in rest]
    return {days: _every(read_days(days)) for days in offered}


def _begins(typed: str, day: int) -> bool:
    """Tell whether the day's name begins with *typed*, in English or in the current language."""
    name = get_day_names("wide", locale=babel_locale())[day]
    return _DAYS[day].startswith(typed[:3]) or name.lower().startswith(typed)


def _every(days: frozenset[int]) -> str:
    if days in _ALIASES.values():
        return write_days(days)
    return _("every {days}").format(days=named_days(days))


def read_zone(text: str, now: datetime | None = None) -> str:
    """Return the IANA name of the zone that *text* names: an IANA name, an offset, a city, a country.

    It also accepts a suggestion as it is shown, with the time there.

    Raises:
        UserError: there is no such zone, or several have that name; the message suggests some, with the time
            that it is there *now*, if that is given.
    """
    typed = text.partition("·")[0].strip()[:_LONGEST_ZONE]
    known = zones.known()
    name = typed.replace(" ", "_").lower()
    named = zones.named(typed)
    if name in known and not zones.is_nickname(typed):
        return known[name]
    if len(named) == 1:
        return named[0].id
    near = [zone.id for zone in named or zones.suggest(typed, 3)] or [
        known[close] for close in difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    ]
    message = _("“{typed}” is not a time zone I know; write one such as `Europe/Berlin`.")
    if named:
        message = _("“{typed}” is the name of places in several time zones.")
    elif is_offset_like(typed):
        message, near = (
            _("No place has the time “{typed}”; write an offset such as `UTC+8` or `UTC-3:30`."),
            [],
        )
    message = message.format(typed=typed[:60])
    if near:
        meant = format_list([_with_time(one, now) for one in near[:3]], either=True)
        message = join_sentences(message, _("Did you mean {meant}?").format(meant=meant))
    raise UserError(message)


def _with_time(zone: str, now: datetime | None) -> str:
    name = f"`{zone_label(zone)}`"
    if now is None:
        return name
    return _("{zone} (now {time})").format(zone=name, time=f"{now.astimezone(ZoneInfo(zone)):%H:%M}")
