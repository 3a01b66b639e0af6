"""Time zones by the names that people have for them: a city, a country, `Pacific Time`, `CET` (pure).

IANA's own names are what is stored. Many of them mean the same place (`Asia/Calcutta`, `Asia/Kolkata`): one
is offered, and found by the others too. Names come from Babel in the language spoken, and English ones are
found in any language. A keystroke costs 3 ms.
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
"""Where most of those are who will look for theirs."""

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
    """A zone as one language calls it: its IANA name, its city, its country and what its time is called."""

    id: str
    city: str = ""
    country: str = ""
    time: str = ""
    found_by: str = ""
    names: frozenset[str] = frozenset()
    """Everything that it is called, as `_folded` has it, in one piece each."""

    def in_words(self, now: datetime) -> str:
        """Return the zone as a choice: `Asia/Tokyo · Tokyo, Japan · Japan Time, now 21:05`."""
        place = ", ".join(dict.fromkeys(filter(None, (self.city, self.country))))
        clock = _("now {time}").format(time=f"{now.astimezone(ZoneInfo(self.id)):%H:%M}")
        for said in filter(None, (self.time and f"{self.time}, {clock}", clock)):
            words = " · ".join(filter(None, (zone_label(self.id), place, said)))
            if len(words) <= _MOST:
                break
        return words[:_MOST]

    @cached_property
    def folded_city(self) -> str:
        return _folded(self.city or self.id)


@cache
def known() -> dict[str, str]:
    """Every IANA name by its lower case; reading them from disk takes 20 ms, once."""
    return {zone.lower(): zone for zone in sorted(available_timezones())}


@cache
def names() -> tuple[str, ...]:
    """Every IANA name that is offered to a person, sorted: a place's, or UTC."""
    return tuple(sorted(zone for zone in known().values() if "/" in zone or zone == "UTC"))


def suggest(typed: str, limit: int = 25) -> list[Zone]:
    """Return the zones that *typed* names, the best first.

    An offset names the zone that always has it, then the places that have it in winter or in summer. Any
    other text names the zones in whose names all its words stand: those called exactly so come first, then
    those whose city begins with it.
    """
    offered = _zones(i18n.current_language())
    if (offset := offset_of(typed)) is not None:
        fixed = fixed_zone(offset)
        near = [zone for zone in offered if offset in _offsets(zone.id)]
        return sorted(near, key=lambda zone: (zone.id != fixed, _popularity(zone.id)))[:limit]
    wanted = _folded(typed)
    words = wanted.split()
    named = [zone for zone in offered if all(word in zone.found_by for word in words)]
    named.sort(key=lambda zone: _rank(zone, wanted, words))
    return named[:limit]


def called(typed: str) -> list[Zone]:
    """Return the zones that are called exactly *typed*, in any case: by offset, nickname, city or country.

    Zones whose clocks always agree are one, the best known of them: Germany's two are `Europe/Berlin`.
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
    """Tell whether *typed* is what people call a zone, although IANA may give the name to another: `EST`."""
    return _spaced(typed) in nicknames()


def _spaced(text: str) -> str:
    return " ".join(text.casefold().split())


def _offsets(zone: str) -> tuple[timedelta, ...]:
    """Return how far *zone* is ahead of Greenwich in January and in July."""
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
    """Every place once, in *language*; a tenth of a second, once for each language."""
    with i18n.in_language(language):
        spoken = i18n.babel_locale()
    english = Locale("en")
    return tuple(_zone(ids, spoken, english) for ids in _places(english))


def _zone(ids: list[str], spoken: Locale, english: Locale) -> Zone:
    """Return the zone that *ids* are names of, the first of them above all."""
    chosen = ids[0]
    names = [*ids, zone_label(chosen), *_abbreviations(chosen)]
    described = [_described(chosen, locale) for locale in (spoken, english)]
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
    """Return city, country and time of *zone*; what is no place on earth has neither."""
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
    """Yield the names of each place, with the one first that is offered for it."""
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
    """Return what its clocks are called for short, such as CET and CEST."""
    shorts = {season.astimezone(ZoneInfo(zone)).tzname() or "" for season in _SEASONS}
    return {short for short in shorts if short.isalpha()}


def _folded(text: str) -> str:
    """Return *text* as it is compared: without case, accents and what joins words in IANA's names."""
    if text.isascii():
        return " ".join(text.lower().replace("/", " ").replace("_", " ").split())
    bare = (each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join("".join(bare).casefold().replace("/", " ").replace("_", " ").split())
