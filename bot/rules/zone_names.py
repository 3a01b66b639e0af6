"""Names of time zones that IANA lacks: offsets, abbreviations, cities, countries (pure).

An offset has the sign that people expect: `GMT+8` is eight hours ahead of UTC, which IANA calls `Etc/GMT-8`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from functools import cache
from importlib import resources

_OFFSET = re.compile(
    r"(?:(?:utc|gmt|z|etc/utc)\s*)?(?P<sign>[+\-−–])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?"
    r"(?:\s*h(?:ours?)?)?",
    re.IGNORECASE,
)
_FIXED = re.compile(r"Etc/GMT(?P<sign>[+-])(?P<hours>\d{1,2})")
_EAST, _WEST = timedelta(hours=14), timedelta(hours=-12)  # the extremes of all time zones
# Offsets that are not whole hours, and a place that has each.
_FRACTIONS = {
    timedelta(hours=5, minutes=30): "Asia/Kolkata",
    timedelta(hours=5, minutes=45): "Asia/Kathmandu",
    timedelta(hours=4, minutes=30): "Asia/Kabul",
    timedelta(hours=3, minutes=30): "Asia/Tehran",
    timedelta(hours=6, minutes=30): "Asia/Yangon",
    timedelta(hours=9, minutes=30): "Australia/Darwin",
    timedelta(hours=8, minutes=45): "Australia/Eucla",
    timedelta(hours=-9, minutes=-30): "Pacific/Marquesas",
    timedelta(hours=-3, minutes=-30): "America/St_Johns",
    timedelta(hours=10, minutes=30): "Australia/Lord_Howe",
    timedelta(hours=12, minutes=45): "Pacific/Chatham",
}


def offset_of(typed: str) -> timedelta | None:
    """Return the UTC offset that *typed* names, such as `UTC+8`, `GMT-05:30` or `+0900`, else None."""
    match = _OFFSET.fullmatch(typed.strip())
    if match is None:
        return None
    minutes = int(match["minutes"] or 0)
    offset = timedelta(hours=int(match["hours"]), minutes=minutes)
    offset = offset if match["sign"] == "+" else -offset
    return offset if minutes < 60 and _WEST <= offset <= _EAST else None


def fixed_zone(offset: timedelta) -> str | None:
    """Return the IANA zone that always has *offset*, for half hours a place that has it, or None."""
    if offset % timedelta(hours=1):
        return _FRACTIONS.get(offset)
    hours = offset // timedelta(hours=1)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def zone_label(zone: str) -> str:
    """Return `UTC+8` for `Etc/GMT-8`, whose sign is misleading; any other *zone* unchanged."""
    match = _FIXED.fullmatch(zone)
    if match is None:
        return zone
    return f"UTC{'-' if match['sign'] == '+' else '+'}{match['hours']}"


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """Return the zones of each nickname in lower case: `et` is `America/New_York`."""
    zones: defaultdict[str, list[str]] = defaultdict(list)
    for zone, names in _read("zone_nicknames.tsv").items():
        for name in names:
            zones[name.casefold()].append(zone)
    return {name: tuple(ids) for name, ids in zones.items()}


@cache
def more_names() -> dict[str, tuple[str, ...]]:
    """Return further names of each IANA zone: its nicknames, and its cities, largest first."""
    known, cities = _read("zone_nicknames.tsv"), _read("cities.tsv")
    zones = known.keys() | cities.keys()
    return {zone: tuple(dict.fromkeys(known.get(zone, []) + cities.get(zone, []))) for zone in zones}


def _read(file: str) -> dict[str, list[str]]:
    """Return the names of each zone in *file*; a line is a zone, a tab, and names separated by commas."""
    text = resources.files("bot.rules").joinpath(file).read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {zone: names.split(",") for zone, _tab, names in rows}
