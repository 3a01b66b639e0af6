"""Read the hour, zone and days of a digest as people write them, and write them as they read them (pure)."""

from __future__ import annotations

import difflib

from babel.dates import get_day_names

from bot.i18n import babel_locale, format_list, gettext_noop, join_sentences
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.rules import zones

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY = frozenset(range(7))
_WEEKDAYS = frozenset(range(5))
_ALIASES = {"daily": _EVERY, "weekdays": _WEEKDAYS}
_FILLERS = frozenset({"every", "on", "and"})
_HOW = gettext_noop("Write `daily`, `weekdays`, or days such as `mon,thu`.")


def read_days(text: str) -> frozenset[int]:
    """Read `daily`, `weekdays` or a list such as `mon,thu` or `every Monday`; Monday is 0.

    Raises:
        UserError: some part of *text* is no day.
    """
    lowered = text.strip().lower()
    if lowered in _ALIASES:
        return _ALIASES[lowered]
    words = lowered.replace(",", " ").split()
    days = frozenset(_day(word) for word in words if word not in _FILLERS)
    if not days:
        raise UserError(join_sentences(_("A digest needs at least one day."), _(_HOW)))
    return days


def _day(word: str) -> int:
    for number, name in enumerate(_NAMES):
        if len(word) >= 3 and name.lower().startswith(word):
            return number
    wrong = _("“{typed}” is not a day of the week.").format(typed=word[:30])
    raise UserError(join_sentences(wrong, _(_HOW)))


def write_days(days: frozenset[int]) -> str:
    """Return *days* in words: `every day`, `on weekdays`, `on Monday and Thursday`."""
    if days == _EVERY:
        return _("every day")
    if days == _WEEKDAYS:
        return _("on weekdays")
    named = get_day_names("wide", locale=babel_locale())
    return _("on {days}").format(days=format_list([named[day] for day in sorted(days)]))


def write_schedule(days: frozenset[int], hour: int, zone: str) -> str:
    """Return when a digest is posted, as the middle of a sentence: `every day at 09:00, Europe/Berlin`."""
    return _("{days} at {hour}:00, {zone}").format(days=write_days(days), hour=f"{hour:02}", zone=zone)


def suggest_days(typed: str) -> dict[str, str]:
    """Complete the option `days`: what to write, and the same in words.

    First the two words, then each weekday appended to what stands there already, however it is written.
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
    """Tell whether *typed* begins the day's name, in English or as whoever types calls it."""
    called = get_day_names("wide", locale=babel_locale())[day]
    return _DAYS[day].startswith(typed[:3]) or called.lower().startswith(typed)


def _every(days: frozenset[int]) -> str:
    if days in _ALIASES.values():
        return write_days(days)
    named = get_day_names("wide", locale=babel_locale())
    return _("every {days}").format(days=format_list([named[day] for day in sorted(days)]))


def read_zone(text: str) -> str:
    """Return the IANA name of the zone *text*, whatever its case.

    Raises:
        UserError: there is no such zone; names the nearest ones.
    """
    typed = text.strip().replace(" ", "_")
    known = zones.known()
    if typed.lower() in known:
        return known[typed.lower()]
    near = [zone.id for zone in zones.suggest(typed, 3)] or [
        known[name] for name in difflib.get_close_matches(typed.lower(), known, n=3, cutoff=0.6)
    ]
    said = _("“{typed}” is not a time zone I know; write one such as `Europe/Berlin`.").format(
        typed=text.strip()[:60]
    )
    if near:
        meant = format_list([f"`{one}`" for one in near], either=True)
        said = join_sentences(said, _("Did you mean {meant}?").format(meant=meant))
    raise UserError(said)
