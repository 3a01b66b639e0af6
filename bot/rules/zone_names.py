"""Names of time zones that IANA lacks: offsets, abbreviations, cities, countries (pure).

An offset has the sign that people expect: `GMT+8` is eight hours ahead of UTC, which IANA calls `Etc/GMT-8`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from datetime import timedelta
from functools import cache
from importlib import resources

_NAME = r"(?:utc|gmt|z|zulu|etc/utc)"
_NUMBER = (
    r"(?P<hours>\d{1,2})"
    r"(?:[.,](?P<part>0|00|25|50?|75)|[:.h](?P<minutes>[0-5]\d)(?:m|min)?|(?P<joined>[0-5]\d))?"
)
_PARTS = {"0": 0, "25": 15, "5": 30, "75": 45}  # 5.5 is half an hour more; 5.30 has minutes
_OFFSET = re.compile(
    # `UTC8` has no sign and means +8; a bare `8` is no offset.
    rf"(?:{_NAME}?(?P<sign>[+-]|\+-)|{_NAME}){_NUMBER}(?:h|hrs?|hours?|std|stunden?|小时|个小时)?",
    re.IGNORECASE,
)
_SHAPED = re.compile(rf"{_NAME}?[+-]{{1,2}}[\d:.,h½]+(?:h|hrs?|hours?)?|{_NAME}[\d:.,½]+", re.IGNORECASE)
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "±": "+", "½": ".5", "¼": ".25", "¾": ".75", "：": ":"}
)
_SIGN_WORDS = re.compile(r"\s*\b(plus|minus)\b\s*", re.IGNORECASE)
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
    """Return the UTC offset that *typed* names, else None.

    It reads `UTC+8`, `GMT-05:30`, `+0900`, `GMT + 5.5`, `(UTC+5h30)`, `UTC8` and the like.
    """
    match = _OFFSET.fullmatch(_compact(typed))
    if match is None:
        return None
    minutes = int(match["minutes"] or match["joined"] or 0)
    if part := match["part"]:
        minutes = _PARTS[part.rstrip("0").ljust(1, "0")]
    offset = timedelta(hours=int(match["hours"]), minutes=minutes)
    offset = -offset if match["sign"] == "-" else offset
    return offset if _WEST <= offset <= _EAST else None


def is_offset_like(typed: str) -> bool:
    """Tell whether *typed* is written as an offset, even as one that no clock has, such as `UTC+25`."""
    return _SHAPED.fullmatch(_compact(typed)) is not None


def _compact(typed: str) -> str:
    """Return *typed* without spaces and outer parentheses, and with plain signs."""
    spaced = " ".join(typed.translate(_SIGNS).split())  # at most one space, or the pattern takes long
    words = _SIGN_WORDS.sub(lambda word: "+" if word[1].lower() == "plus" else "-", spaced)
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    inner = re.fullmatch(r"\((.*)\)", plain)
    return inner[1] if inner else plain


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
