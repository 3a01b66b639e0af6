"""Finds time zones by the names that people use: a city, a country, `Pacific Time`, `CET` (pure).

Only IANA's names are stored. Several of them may mean the same place (`Asia/Calcutta`, `Asia/Kolkata`): one
is offered, and the others find it, too. Names come from Babel in the current language; English names work in
any language. A search takes 3 ms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import get_timezone_location, get_timezone_name

from bot import i18n
from bot.i18n import gettext as _
from bot.rules.zone_names import fixed_zone, more_names, nicknames, offset_of, zone_label

_FIRST = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Paris", "America/New_York", "America/Los_Angeles",
    "America/Chicago", "Asia/Shanghai", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney", "Asia/Seoul",
    "Asia/Singapore", "America/Toronto", "America/Sao_Paulo", "Europe/Madrid", "Europe/Rome",
    "Europe/Amsterdam", "Europe/Zurich", "Europe/Stockholm", "Europe/Moscow", "Asia/Jerusalem",
    "America/Denver", "America/Mexico_City", "Africa/Johannesburg",
)  # fmt: skip
"""The zones of most users; they are suggested first."""

_PLACES = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
_SEASONS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
_UTC, _NOWHERE = "UTC", "ZZ"
_ZERO = {"UTC", "GMT"}
_MOST = 100  # characters that Discord shows of a choice


@dataclass(frozen=True)
class Zone:
    """A time zone in one language: its IANA name, city, country, and the name of its time."""

    id: str
    city: str = ""
    country: str = ""
    time: str = ""
    found_by: str = ""
    names: frozenset[str] = frozenset()
    """All its names, each as `_folded` returns it."""

    def in_words(self, now: datetime) -> str:
        """Return the zone as a suggestion: `Asia/Tokyo · Tokyo, Japan · Japan Time, now 21:05`."""
        place = ", ".join(dict.fromkeys(filter(None, (self.city, self.country))))
        clock = _("now {time}").format(time=f"{now.astimezone(ZoneInfo(self.id)):%H:%M}")
        for time in filter(None, (self.time and f"{self.time}, {clock}", clock)):
            text = " · ".join(filter(None, (zone_label(self.id), place, time)))
            if len(text) <= _MOST:
                break
        return text[:_MOST]

    @cached_property
    def folded_city(self) -> str:
        return _folded(self.city or self.id)


@cache
def known() -> dict[str, str]:
    """Return all IANA names by their lower case; the first call reads them from disk, which takes 20 ms."""
    return {zone.lower(): zone for zone in sorted(available_timezones())}


@cache
def names() -> tuple[str, ...]:
    """Return the IANA names to suggest, sorted: those of places, and UTC."""
    return tuple(sorted(zone for zone in known().values() if "/" in zone or zone == "UTC"))


def suggest(typed: str, limit: int = 25) -> list[Zone]:
    """Return up to *limit* zones that *typed* may mean, best first.

    An offset means the zone that always has it, then the places that have it in winter or summer. Any other
    text means the zones whose names contain all its words: first those with exactly this name, then those
    whose city begins with it.
    """
    offered = _zones(i18n.current_language())
    if (offset := offset_of(typed)) is not None:
        fixed = fixed_zone(offset)
        near = [zone for zone in offered if offset in _offsets(zone.id)]
        return sorted(near, key=lambda zone: (zone.id != fixed, _popularity(zone.id)))[:limit]
    wanted = _folded(typed)
    words = wanted.split()
    matching = [zone for zone in offered if all(word in zone.found_by for word in words)]
    matching.sort(key=lambda zone: _rank(zone, wanted, words))
    return matching[:limit]


def named(typed: str) -> list[Zone]:
    """Return the zones whose offset, nickname, city or country is exactly *typed*, in any case.

    Of zones whose clocks always agree, only the best known is returned: `Europe/Berlin` for Germany's two.
    """
    offered = _zones(i18n.current_language())
    if (offset := offset_of(typed)) is not None:
        fixed = fixed_zone(offset)
        return [zone for zone in offered if zone.id == fixed]
    if is_nickname(typed):
        return [zone for name in nicknames()[_spaced(typed)] for zone in offered if zone.id == name]
    wanted = _folded(typed)
    exact = [zone for zone in suggest(typed, limit=1_000) if wanted in zone.names]
    distinct = {_offsets(zone.id): zone for zone in reversed(exact)}
    return sorted(distinct.values(), key=exact.index)


def is_nickname(typed: str) -> bool:
    """Tell whether *typed* is a nickname of a zone, such as `EST`, which may be another zone's IANA name."""
    return _spaced(typed) in nicknames()


def _spaced(text: str) -> str:
    return " ".join(text.casefold().split())


def _offsets(zone: str) -> tuple[timedelta, ...]:
    """Return the UTC offsets of *zone* in January and in July."""
    return tuple(season.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for season in _SEASONS)


def _popularity(zone: str) -> tuple[int, str]:
    return (_FIRST.index(zone) if zone in _FIRST else len(_FIRST), zone)


def _rank(zone: Zone, wanted: str, words: list[str]) -> tuple[bool, bool, bool, tuple[int, str]]:
    whole = f" {zone.found_by}"
    return (
        wanted not in zone.names,
        not zone.folded_city.startswith(wanted),
        not all(f" {word}" in whole for word in words),
        _popularity(zone.id),
    )


@cache
def _zones(language: str) -> tuple[Zone, ...]:
    """Return each place once, in *language*; the first call for a language takes a tenth of a second."""
    with i18n.in_language(language):
        locale = i18n.babel_locale()
    english = Locale("en")
    return tuple(_zone(ids, locale, english) for ids in _places(english))


def _zone(ids: list[str], locale: Locale, english: Locale) -> Zone:
    """Return the zone with the IANA names *ids*, of which the first is stored."""
    chosen = ids[0]
    names = [*ids, zone_label(chosen), *_abbreviations(chosen)]
    described = [_described(chosen, each) for each in (locale, english)]
    for each in described:
        names += each
    for name in ids:
        names += more_names().get(name, ())
    return Zone(
        chosen,
        *described[0],
        found_by=_folded(" ".join(names)),
        names=frozenset(_folded(name) for name in names if name),
    )


def _described(zone: str, locale: Locale) -> tuple[str, str, str]:
    """Return city, country and name of the time of *zone*; each is "" if the zone is not a place."""
    if zone == _UTC:
        return "", "", str(locale.time_zones["Etc/UTC"]["long"]["standard"])
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), _NOWHERE)
    if territory == _NOWHERE:
        return "", "", ""
    time = get_timezone_name(zone, locale=locale)
    only_there = time == get_timezone_location(zone, locale=locale)
    return (
        str(get_timezone_location(zone, locale=locale, return_city=True)),
        str(locale.territories.get(territory, "")),
        "" if only_there else str(time),
    )


def _places(english: Locale) -> Iterator[list[str]]:
    """Yield the IANA names of each place, the one to suggest first."""
    same: dict[tuple[str, str], list[str]] = {}
    for name in names():
        city, country, _time = _described(name, english)
        place = (_UTC, "") if not city and _abbreviations(name) & _ZERO else (city or name, country)
        same.setdefault(place, []).append(name)
    for (city, _country), ids in same.items():
        yield sorted(
            ids, key=lambda name: (name != _UTC, _region(name) not in _PLACES, _city(name) != city, name)
        )


def _region(zone: str) -> str:
    return zone.partition("/")[0]


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _abbreviations(zone: str) -> set[str]:
    """Return the abbreviations of its time, such as CET and CEST."""
    shorts = {season.astimezone(ZoneInfo(zone)).tzname() or "" for season in _SEASONS}
    return {short for short in shorts if short.isalpha()}


def _folded(text: str) -> str:
    """Return *text* for comparison: lower case, without accents, and with spaces for `/` and `_`."""
    if text.isascii():
        return " ".join(text.lower().replace("/", " ").replace("_", " ").split())
    bare = (each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join("".join(bare).casefold().replace("/", " ").replace("_", " ").split())
