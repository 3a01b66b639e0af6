"""Read the hour, zone and days of a digest as people write them, and write them as they read them (pure)."""

from __future__ import annotations

import difflib
from functools import cache
from zoneinfo import available_timezones

from bot.errors import UserError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY = frozenset(range(7))
_WEEKDAYS = frozenset(range(5))
_ALIASES = {"daily": _EVERY, "weekdays": _WEEKDAYS}
_HOW = "Write `daily`, `weekdays`, or days such as `mon,thu`."


def read_days(text: str) -> frozenset[int]:
    """Read `daily`, `weekdays` or a list such as `mon,thu`; Monday is 0.

    Raises:
        UserError: some part of *text* is no day.
    """
    lowered = text.strip().lower()
    if lowered in _ALIASES:
        return _ALIASES[lowered]
    days = frozenset(_day(part) for part in lowered.replace(",", " ").split())
    if not days:
        raise UserError(f"A digest needs at least one day. {_HOW}")
    return days


def _day(word: str) -> int:
    for number, name in enumerate(_NAMES):
        if len(word) >= 3 and name.lower().startswith(word):
            return number
    raise UserError(f"“{word[:30]}” is not a day of the week. {_HOW}")


def write_days(days: frozenset[int]) -> str:
    """Return *days* in words: `every day`, `on weekdays`, `on Monday and Thursday`."""
    if days == _EVERY:
        return "every day"
    if days == _WEEKDAYS:
        return "on weekdays"
    names = [_NAMES[day] for day in sorted(days)]
    return "on " + (names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}")


def suggest_days(typed: str) -> list[str]:
    """Complete the option `days`: the two words, then each weekday appended to what stands there already."""
    *done, last = [part.strip() for part in typed.lower().split(",")]
    rest = [day for day in _DAYS if day not in done and day.startswith(last[:3])]
    listed = [",".join([*done, day]) for day in rest] if all(part in _DAYS for part in done) else []
    return [word for word in _ALIASES if not done and word.startswith(last)] + listed


@cache
def _zones() -> tuple[str, ...]:
    """Every IANA zone that a person may live in, sorted; reading them from disk takes 20 ms, once."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))


def read_zone(text: str) -> str:
    """Return the IANA name of the zone *text*, whatever its case.

    Raises:
        UserError: there is no such zone; names the nearest ones.
    """
    typed = text.strip().replace(" ", "_")
    known = {zone.lower(): zone for zone in (*available_timezones(), *_zones())}
    if typed.lower() in known:
        return known[typed.lower()]
    near = suggest_zones(typed, 3) or [
        known[name] for name in difflib.get_close_matches(typed.lower(), known, n=3, cutoff=0.6)
    ]
    hint = f" Did you mean {' or '.join(f'`{zone}`' for zone in near)}?" if near else ""
    raise UserError(
        f"“{text.strip()[:60]}” is not a time zone I know; write one such as `Europe/Berlin`.{hint}"
    )


def suggest_zones(typed: str, limit: int = 25) -> list[str]:
    """Return zones that contain *typed*, those whose city begins with it first."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in _zones() if wanted in zone.lower()]
    found.sort(key=lambda zone: (not zone.lower().rsplit("/", 1)[-1].startswith(wanted), zone != "UTC", zone))
    return found[:limit]
