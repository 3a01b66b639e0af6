from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot import i18n
from bot.rules import zones
from bot.rules.schedules import read_zone

SUMMER = datetime(2026, 7, 24, 12, 5, tzinfo=UTC)
LANGUAGES = ("en", "de", "zh-CN")


def first(typed: str, language: str = "en") -> str:
    with i18n.in_language(language):
        return next((zone.id for zone in zones.suggest(typed)), "")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("berl", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("germany", "Europe/Berlin"),
        ("central european time", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("pacific time", "America/Los_Angeles"),
        ("US/Pacific", "America/Los_Angeles"),
        ("calcutta", "Asia/Kolkata"),
        ("sao paulo", "America/Sao_Paulo"),
        ("indianapolis", "America/Indiana/Indianapolis"),
        ("utc", "UTC"),
        ("greenwich", "UTC"),
        ("etc/gmt+5", "Etc/GMT+5"),
        ("", "UTC"),
        ("nowhere", ""),
        ("gmt+8", "Etc/GMT-8"),
        ("UTC-5", "Etc/GMT+5"),
        ("+5:30", "Asia/Kolkata"),
        ("ET", "America/New_York"),
        ("PT", "America/Los_Angeles"),
        ("UK", "Europe/London"),
        ("Mumbai", "Asia/Kolkata"),
        ("Beijing", "Asia/Shanghai"),
        ("München", "Europe/Berlin"),
        ("MEZ", "Europe/Berlin"),
        ("Deutschland", "Europe/Berlin"),
        ("Österreich", "Europe/Vienna"),
        ("北京时间", "Asia/Shanghai"),
    ],
)
def test_a_zone_is_found_by_city_country_and_what_its_time_is_called(typed: str, found: str) -> None:
    assert first(typed) == found


@pytest.mark.parametrize(
    ("typed", "language", "found"),
    [
        ("deutschland", "de", "Europe/Berlin"),
        ("mitteleuropäische", "de", "Europe/Berlin"),
        ("germany", "de", "Europe/Berlin"),
        ("kalkutta", "de", "Asia/Kolkata"),
        ("柏林", "zh-CN", "Europe/Berlin"),
        ("germany", "zh-CN", "Europe/Berlin"),
    ],
)
def test_other_languages_have_their_names_beside_the_english_ones(
    typed: str, language: str, found: str
) -> None:
    assert first(typed, language) == found


def test_a_place_that_begins_with_the_word_stands_before_one_that_contains_it() -> None:
    assert first("aal", "en") == "Europe/Copenhagen"  # Aalborg; Halle (Saale) is in the popular Europe/Berlin


def test_a_zone_is_told_in_words_with_the_time_it_is_there() -> None:
    [berlin] = zones.suggest("berlin")
    words = "Europe/Berlin · Berlin, Germany · Central European Time, now 14:05"
    assert berlin.in_words(SUMMER) == words
    assert zones.suggest("utc")[0].in_words(SUMMER) == "UTC · Coordinated Universal Time, now 12:05"


def test_an_offset_offers_the_zone_that_always_has_it_and_places_that_have_it_now() -> None:
    assert [zone.in_words(SUMMER) for zone in zones.suggest("etc/gmt+12")] == ["UTC-12 · now 00:05"]
    [tehran] = zones.suggest("tehran")
    assert tehran.in_words(SUMMER) == "Asia/Tehran · Tehran, Iran · now 15:35"
    fixed, *places = zones.suggest("UTC+2")
    assert fixed.in_words(SUMMER) == "UTC+2 · now 14:05"
    assert places[0].in_words(SUMMER).endswith("now 14:05")


def test_a_zone_with_long_names_loses_first_the_name_of_its_time_and_then_its_end() -> None:
    long = zones.Zone("Asia/Tokyo", city="Tokyo", country="J" * 40, time="T" * 60)
    assert long.in_words(SUMMER) == f"Asia/Tokyo · Tokyo, {'J' * 40} · now 21:05"
    longest = zones.Zone("Asia/Tokyo", city="Tokyo", country="J" * 100)
    assert longest.in_words(SUMMER) == f"Asia/Tokyo · Tokyo, {'J' * 80}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_is_a_choice_that_can_be_read_back(language: str) -> None:
    with i18n.in_language(language):
        offered = zones.suggest("", limit=1_000)
        assert len(offered) > 400
        for zone in offered:
            words = zone.in_words(SUMMER)
            assert len(words) <= 100
            assert f"{SUMMER.astimezone(ZoneInfo(zone.id)):%H:%M}" in words
            assert read_zone(zone.id) == zone.id


def test_each_place_is_offered_once() -> None:
    offered = [zone.id for zone in zones.suggest("", limit=1_000)]
    assert len(set(offered)) == len(offered)
    assert not {"Asia/Calcutta", "US/Pacific", "Etc/UTC", "Brazil/East", "EST5EDT", "Japan"} & set(offered)
    assert {"UTC", "Etc/GMT-8", "America/Argentina/Ushuaia"} <= set(offered)
    assert len(zones.suggest("")) == 25
