"""Cutting keeps Discord's limits and never leaves half of anything."""

from __future__ import annotations

import re
import time

import discord
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.present import limits
from bot.present.limits import cut, fit, length, size
from bot.present.markdown import escape

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("hello world", 11, "hello world"),
        ("hello wonderful world", 16, "hello wonderful…"),
        ("hello wonderful world", 15, "hello…"),
        ("one, two, three", 10, "one, two…"),
        ("x" * 300, 20, "x" * 19 + "…"),
        ("no word at all: " + "x" * 300, 100, "no word at all: " + "x" * 83 + "…"),
        ("数学的な文章" * 30, 10, "数学的な文章数学的…"),
        ("a 😀😀😀😀", 6, "a…"),
        ("😀" * 20, 6, "😀😀…"),
        (FAMILY * 3, 12, f"{FAMILY}…"),
        (r"a \_\_\_\_", 6, "a…"),
        ("see [label](http://x.org/) there", 20, "see…"),
        ("[a long label](http://x.org/and/more)", 20, "a long label…"),
        ("[a very long label](http://x.org/and/more)", 12, "a very long…"),
        ("look at https://example.org/a/b/c", 20, "look at…"),
        ("in <#123456789012345678> and more", 15, "in…"),
        ("abc", 0, ""),
        ("abc", 1, "…"),
    ],
)
def test_text_is_cut_at_a_word(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


@given(st.text(), st.integers(1, 60))
def test_cut_text_keeps_the_limit_and_is_a_beginning(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert length(kept) <= limit
    assert len(kept) <= limit
    if kept != text:
        assert kept.endswith("…")
        assert text.lstrip().startswith(kept[:-1].lstrip()) or "](" in text


@given(
    st.lists(st.sampled_from(["ab ", "👩‍👩‍👧‍👦", "e\u0301", "🇩🇪", "日", "x"]), max_size=40).map("".join),
    st.integers(1, 50),
)
def test_no_visible_character_is_split(text: str, limit: int) -> None:
    kept = cut(text, limit).removesuffix("…").rstrip()
    whole = regex.findall(r"\X", text)
    pieces = regex.findall(r"\X", kept)
    if length(whole[0] if whole else "") < limit:
        assert pieces == whole[: len(pieces)]


@given(st.text("ab_*`[]()\\ <>@#:|~", max_size=80), st.integers(1, 60))
def test_no_escape_is_halved(text: str, limit: int) -> None:
    kept = cut(escape(text), limit)
    if kept != escape(text):
        backslashes = re.search(r"\\*…$", kept)
        assert backslashes
        assert (len(backslashes[0]) - 1) % 2 == 0


@pytest.mark.parametrize("piece", ["[", "[a](b", r"[\[", "\\", "<@", "https://x", "[](", "😀", "e\u0301"])
def test_cutting_takes_no_longer_than_the_text(piece: str) -> None:
    started = time.perf_counter()
    cut(piece * 20_000, 4096)
    assert time.perf_counter() - started < 5


def test_length_counts_as_the_stricter_of_discords_two_ways() -> None:
    assert length("a😀") == 3


def test_an_embed_too_large_in_all_loses_the_end_of_its_description() -> None:
    embed = discord.Embed(title="t" * 256, description="word " * 800)
    for number in range(3):
        embed.add_field(name=str(number), value="v" * 1024)
    assert size(embed) > limits.EMBED_TOTAL
    assert size(fit(embed)) <= limits.EMBED_TOTAL
    assert (embed.description or "").endswith("word…")
    assert len(embed) <= limits.EMBED_TOTAL


def test_the_limits_are_those_that_discord_documents() -> None:
    documented = {
        "EMBED_TITLE": 256, "EMBED_DESCRIPTION": 4096, "EMBED_URL": 2048, "FIELD_VALUE": 1024,
        "EMBED_TOTAL": 6000,
        "CONTENT": 2000, "ATTACHMENTS": 10, "REQUEST": 25_000_000, "THREAD_NAME": 100, "FORUM_TAGS": 5,
        "NONCE": 25, "CUSTOM_ID": 100, "ACTION_ROWS": 5, "TEXT_INPUT": 4000, "CHOICES": 25, "CHOICE": 100,
    }  # fmt: skip
    assert {name: value for name, value in vars(limits).items() if name.isupper() and name[0] != "_"} == (
        documented | {"ELLIPSIS": "…"}
    )
