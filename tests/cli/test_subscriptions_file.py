"""The file of `subscriptions`: what is written is read back, and every mistake has its line."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import yaml_format
from bot.cli.subscriptions import import_file
from bot.config import Settings
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Options, Schedule, Style
from bot.store.imports import ChannelEntry
from tests.cli.subscriptions_cases import CHANNELS, FILE, entry, file, rewrite, settings

__all__ = ["file", "settings"]


def test_a_file_is_read_as_it_is_meant() -> None:
    assert yaml_format.read(FILE, name="f") == CHANNELS


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(
            ["TTS", "a: b", "ti:cat", '"#x" OR yes', "naïve ünïcode", "1e3", "null word", "- x"]
        ).filter(lambda text: ":" not in text or text == "ti:cat"),
        st.builds(
            Options,
            st.sampled_from(Deliver),
            st.integers(0, 2**63 - 1),
            st.sampled_from([(), ("cs.CL",), ("cs", "stat.ML")]),
            st.booleans(),
            st.booleans(),
        ),
        paused=st.booleans(),
    ),
    unique_by=lambda one: one.query,
).map(tuple)


@hypothesis.settings(deadline=None)
@given(
    st.lists(
        st.builds(
            ChannelEntry,
            st.integers(1, 2**63 - 1),
            st.integers(1, 2**63 - 1),
            cap=st.none() | st.integers(1, 10_000),
            crosspost=st.booleans(),
            style=st.sampled_from(Style),
            schedule=st.none()
            | st.builds(
                Schedule,
                st.integers(0, 23),
                st.sampled_from(["UTC", "Asia/Tokyo"]),
                st.frozensets(st.integers(0, 6), min_size=1),
                st.booleans(),
                st.booleans(),
                st.booleans(),
            ),
            entries=ENTRIES,
        ),
        unique_by=lambda channel: channel.channel_id,
    )
)
def test_what_is_written_is_read_back_equal(channels: list[ChannelEntry]) -> None:
    assert yaml_format.read(yaml_format.write(channels), name="f") == channels


def test_a_keyword_that_is_read_as_before_needs_no_query() -> None:
    assert "query:" not in yaml_format.write(CHANNELS)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("keyword: TTS", "keyword: TTS\n    query: 'ti:(x'", "f:17: "),
        ("keyword: TTS", "keyword: TTS\n    query: ''", "f:17: "),
        ("keyword: TTS", "keyword: TTS\n    query: [x]", "f:17: this must be a string"),
        ("keyword: TTS", "query: TTS", "f:16: “keyword” is missing"),
        ("deliver: both", "deliver: often", "f:10: “often” is not one of live, digest, both"),
        ("[cs.CL, stat]", "[cs.CL, cs.XX]", "f:12: “cs.XX” is not an arXiv category"),
        ("keyword: TTS", "keyword: 'ti:(x'", "f:16: "),
        ("keyword: TTS", "keyword: Speech  Synthesis", "f:16: “Speech Synthesis” is subscribed to twice"),
        ("keyword: TTS", "keyword: the", "f:16: "),
        ("keyword: TTS", "keywrd: TTS", "f:16: unknown key “keywrd”; the keys are"),
        ("cap: 20", "cap: -1", "f:4: “-1” is not a whole number of at least 0"),
        ("cap: 20", "cap: many", "f:4: “many” is not a whole number of at least 0"),
        ("crosspost: false", "crosspost: perhaps", "f:5: this must be true or false"),
        ("style: full", "style: wide", "f:6: “wide” is not one of compact, full"),
        ("hour: 9", "hour: 24", "f:7: “24” is not a whole number from 0 to 23"),
        ("Europe/Berlin", "Europe/Berlim", "f:7: "),
        ("'mon,thu'", "never", "f:7: “never” is not a day of the week"),
        ("channel: '301'", "channel: '200'", "f:17: channel 200 is listed twice"),
        ("- person: '300'\n  ", "- ", "f:17: a channel needs either a `server`"),
        ("mention: '789'", "mention: everyone", "f:11: “everyone” is not the ID of a Discord role, a number"),
        ("mention: '789'", "mention: '@here'", "f:11: “@here” is not the ID of a Discord role"),
        ("mention: '789'", "mention: <@&789>", "f:11: “<@&789>” is not the ID of a Discord role"),
        ("mention: '789'", "mention: 0", "f:11: “0” is not the ID of a Discord role"),
        ("channel: '200'", "channel: abc", "f:3: “abc” is not the ID of a Discord channel, a number such as"),
        ("channel: '200'", "channel: '#papers'", "f:3: “#papers” is not the ID of a Discord channel"),
        ("channel: '200'", "channel: -5", "f:3: “-5” is not the ID of a Discord channel"),
        ("channel: '200'", "channel:", "f:3: this is not the ID of a Discord channel"),
        ("channel: '200'", "channel: [200]", "f:3: this is not the ID of a Discord channel"),
        ("server: '100'", "server: Lab", "f:2: “Lab” is not the ID of a Discord server"),
        ("person: '300'", "person: alice", "f:17: “alice” is not the ID of a Discord user"),
        ("person: '300'", "person: 9223372036854775808", "is not the ID of a Discord user"),
        ("channels:", "channel:", "f:1: unknown key “channel”; the keys are channels"),
        ("  cap: 20", "  cap: [20", "f:5: this is not YAML"),
        ("categories: [cs.CL, stat]", "categories: cs.CL", "f:12: this must be a list"),
        (FILE, "", "f:1: the file is empty"),
        (FILE, "# later\n", "f:1: the file is empty"),
        (FILE, "a: \0", "f: this is not YAML: unacceptable character #x0000"),
        (
            FILE,
            "discord: 1\narxiv: 2",
            "f:1: this is not a list of subscriptions: the key “channels” is missing",
        ),
        (FILE, "channels: 5", "f:1: this must be a list"),
        (
            "  - keyword: ti:diff",
            "  - mention: 5\n    keyword: ti:diff",
            "f:20: a role can only be mentioned in a server",
        ),
        ("  cap: 20", "  cap: 20\n  cap: 30", "f:5: “cap” is given twice"),
        ("  cap: 20", "  ? [cap]\n  : 20", "f:4: unknown key “…”"),
        ("keyword: TTS", "keyword: [TTS]", "f:16: this must be a string"),
        ("'mon,thu'", "[mon, thu]", "f:7: this must be a string"),
        ("paused: true", "paused: 'yes'", "f:15: this must be true or false"),
        (
            "cap: 20",
            "cap: 9223372036854775808",
            "f:4: “9223372036854775808” is not a whole number of at least 0",
        ),
        ("hour: 9", "hour: -1", "f:7: “-1” is not a whole number from 0 to 23"),
        ("  channel: '200'", "  person: '5'\n  channel: '200'", "f:2: a channel needs either a `server`"),
        (FILE, "[" * 5_000, "f: this is nested too deeply for a list of subscriptions"),
        (FILE, "just words", "f:1: this must be a mapping with the keys channels"),
    ],
)
def test_every_mistake_is_reported_with_its_line(old: str, new: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        yaml_format.read(FILE.replace(old, new, 1), name="f")
    assert sentence in str(refused.value)


def test_all_mistakes_are_reported_at_once() -> None:
    wrong = FILE.replace("both", "often").replace("hour: 9", "hour: 99").replace("TTS", "ti:(")
    with pytest.raises(UserError) as refused:
        yaml_format.read(wrong, name="f")
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["7", "10", "16"]


def test_mistakes_come_in_the_order_of_the_file() -> None:
    wrong = (
        "channels:\n- cap: many\n  server: Lab\n  subscriptions:\n  - paused: perhaps\n    deliver: often\n"
        "    keyword: ti:(\n    colour: red\n  channel: abc\n- channel: x\n"
    )
    with pytest.raises(UserError) as refused:
        yaml_format.read(wrong, name="f")
    lines = [int(line.split(":")[1]) for line in str(refused.value).splitlines()]
    assert lines == [2, 3, 5, 6, 7, 8, 9, 10, 10, 10], "one that is no ID is not also listed twice"


def test_a_cap_of_0_is_the_default_as_in_the_command_channel() -> None:
    with_zero = yaml_format.read(FILE.replace("cap: 20", "cap: 0"), name="f")
    assert with_zero == yaml_format.read(FILE.replace("  cap: 20\n", ""), name="f")
    assert with_zero[0].cap is None


@pytest.mark.parametrize(
    ("keyword", "meant"),
    [
        ("LLM -survey", "'LLM ANDNOT survey'"),
        ("cats -dogs", "'cats ANDNOT dogs'"),
        ("a || b", "'a OR b'"),
        ("cats || dogs", "'cats OR dogs'"),
        ("cats, dogs", "'cats OR dogs'"),
        ("LLM, VLM", "'LLM OR VLM'"),
        ("LLM ANDNOT survey", ""),
        ("ti:cats OR ti:dogs", ""),
        ("speech synthesis", ""),
        ("cats", ""),
    ],
)
async def test_an_import_notes_operators_of_other_search_engines_once(
    settings: Settings, file: Path, capsys: pytest.CaptureFixture[str], keyword: str, meant: str
) -> None:
    channel = "- server: '1'\n  channel: '{}'\n  subscriptions: [{{keyword: '{}'}}]\n"
    rewrite(file, "channels:\n" + channel.format(2, keyword) + channel.format(3, keyword))
    note = f"Note: “{keyword}” is read as a phrase; to combine its words, write {meant}\n"
    if keyword == "a || b":
        note = f"Note: “{keyword}”: arXiv does not index “a”. Understood: “b”\n{note}"
    await import_file(settings, file, dry_run=True)
    assert capsys.readouterr().err == (note if meant else "")
    await import_file(settings, file, dry_run=False)
    capsys.readouterr()
    await import_file(settings, file, dry_run=True)
    assert capsys.readouterr().err == "", "what is stored already was noted before"


def test_of_many_mistakes_the_first_twenty_are_shown() -> None:
    entries = "".join(f"  - keyword: ti:(\n    deliver: never{number}\n" for number in range(40))
    with pytest.raises(UserError) as refused:
        yaml_format.read(f"channels:\n- server: '1'\n  channel: '2'\n  subscriptions:\n{entries}", name="f")
    *shown, rest = str(refused.value).splitlines()
    assert len(shown) == 20
    assert shown[0].startswith("f:5: ")
    assert rest == "f: and 60 more mistakes"


@pytest.mark.parametrize(("mistakes", "lines"), [(20, 20), (21, 21), (22, 21)])
def test_the_others_are_counted_only_if_there_are_any(mistakes: int, lines: int) -> None:
    wrong = "".join(
        f"- {{channel: x{number}, server: '1', subscriptions: []}}\n" for number in range(mistakes)
    )
    with pytest.raises(UserError) as refused:
        yaml_format.read(f"channels:\n{wrong}", name="f")
    shown = str(refused.value).splitlines()
    assert len(shown) == lines
    assert (shown[-1] == "f: and 1 more mistake") is (mistakes == 21)


LONG = "x" * 70


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keyword: TTS", f"{LONG}: TTS"),
        ("deliver: both", f"deliver: {LONG}"),
        ("cap: 20", f"cap: {LONG}"),
        ("mention: '789'", f"mention: {LONG}"),
        ("deliver: both", f"deliver: *{LONG}"),
    ],
)
def test_what_is_wrong_is_cut_to_a_readable_length(old: str, new: str) -> None:
    with pytest.raises(UserError) as refused:
        yaml_format.read(FILE.replace(old, new, 1), name="f")
    assert "x" * 60 in str(refused.value)
    assert "x" * 61 not in str(refused.value)


def test_numbers_have_at_most_nineteen_digits() -> None:
    longest, too_long = "0" * 17 + "20", "0" * 18 + "20"
    assert yaml_format.read(FILE.replace("cap: 20", f"cap: '{longest}'"), name="f") == CHANNELS
    assert yaml_format.read(FILE.replace("'200'", f"'{'0' * 16}200'"), name="f") == CHANNELS
    for old, new in (("cap: 20", f"cap: '{too_long}'"), ("'200'", f"'{'0' * 17}200'")):
        with pytest.raises(UserError, match="is not"):
            yaml_format.read(FILE.replace(old, new), name="f")


@pytest.mark.parametrize(("longest", "readable"), [(25, False), (26, True)])
def test_a_keyword_may_be_as_long_as_the_configuration_says_unless_its_query_is_given(
    longest: int, readable: bool
) -> None:
    written = yaml_format.write(CHANNELS, longest=longest)
    assert ("query:" in written) is not readable
    assert yaml_format.read(written, name="f", longest=longest) == CHANNELS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            FILE.replace("both", "&how both").replace("- keyword: TTS", "- keyword: TTS\n    deliver: *how"),
            17,
        ),
        (FILE.replace("[cs.CL, stat]", "&c [cs.CL, *c]"), 12),
        ("channels: &all\n- *all\n", 2),
        ("a: &a [x, x]\nb: &b [*a, *a]\nchannels: [*b, *b]\n", 2),
        ("channels:\n- &one {channel: '1'}\n- <<: *one\n", 3),
        ("*nothing\n", 1),
    ],
)
def test_an_alias_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(
        UserError, match=rf"^f:{line}: aliases such as \*\w+ are not allowed; write the value out$"
    ):
        yaml_format.read(text, name="f")
