"""Subscriptions go out as YAML or OPML, and come in whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import opml, yaml_format
from bot.cli.main import main
from bot.cli.subscriptions import export, import_file
from bot.config import Settings
from bot.model.errors import FileError, StoreReadOnly, UserError
from bot.model.subscriptions import Deliver, Options, Schedule, State, Style
from bot.query.query import parse
from bot.store import Store
from bot.store.imports import ChannelEntry, SubscriptionEntry
from tests.unprivileged import unprivileged

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
BEFORE = "on Monday and Thursday at 09:00 Europe/Berlin, with a note on quiet days"
FILE = """\
channels:
- server: '100'
  channel: '200'
  cap: 20
  crosspost: false
  style: full
  digest: {hour: 9, zone: Europe/Berlin, days: 'mon,thu', quiet: true}
  subscriptions:
  - keyword: speech synthesis
    deliver: both
    mention: '789'
    categories: [cs.CL, stat]
    cross_lists: false
    revisions: true
    paused: true
  - keyword: TTS
- person: '300'
  channel: '301'
  subscriptions:
  - keyword: ti:diffusion AND cat:cs.CV
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database={"url": f"sqlite:///{tmp_path}/papers.db"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "subscriptions.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def rewrite(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")


def entry(keyword: str, options: Options | None = None, *, paused: bool = False) -> SubscriptionEntry:
    query = parse(keyword)
    return SubscriptionEntry(query.typed, query.canonical, options or Options(), paused)


CHANNELS = [
    ChannelEntry(
        100,
        200,
        cap=20,
        crosspost=False,
        style=Style.FULL,
        schedule=Schedule(9, "Europe/Berlin", frozenset({0, 3}), quiet=True),
        entries=(
            entry(
                "speech synthesis", Options(Deliver.BOTH, 789, ("cs.CL", "stat"), False, True), paused=True
            ),
            entry("TTS"),
        ),
    ),
    ChannelEntry(0, 301, 300, entries=(entry("ti:diffusion AND cat:cs.CV"),)),
]


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


async def test_an_import_says_what_it_changes_and_changes_it_once(settings: Settings, file: Path) -> None:
    changes = await import_file(settings, file, dry_run=True)
    assert (
        "+ channel 200: “speech synthesis”, both, mentioning 789, in cs.CL,stat without cross-lists"
        in changes
    )
    assert "~ channel 200: cap: default → 20" in changes
    assert "~ channel 200: digest: none → on Monday and Thursday at 09:00 Europe/Berlin" in changes
    assert changes.endswith("Nothing was changed: this was a dry run.\n")
    with pytest.raises(FileError, match="There is no database"):
        await export(settings, None, as_opml=False)

    done = await import_file(settings, file, dry_run=False)
    assert done == changes.removesuffix("Nothing was changed: this was a dry run.\n")
    assert await import_file(settings, file, dry_run=False) == "The database already matches the file.\n"
    out = file.with_name("out.yaml")
    assert await export(settings, out, as_opml=False) == ""
    exported = yaml_format.read(out.read_text(encoding="utf-8"), name="out")
    assert sorted(exported, key=lambda channel: channel.channel_id) == CHANNELS
    async with await Store.open(settings.database.url) as store:
        states = {one.keyword: one.state for one in await store.subscriptions.all()}
    assert states["speech synthesis"] is State.PAUSED
    assert states["TTS"] is State.ACTIVE


async def test_an_import_reports_its_changes_and_keeps_what_the_file_does_not_mention(
    settings: Settings, file: Path
) -> None:
    await import_file(settings, file, dry_run=False)
    rewrite(file, "channels: [{server: 100, channel: 200, subscriptions: [{keyword: tts, deliver: both}]}]")
    changes = await import_file(settings, file, dry_run=False)
    assert changes.splitlines() == [
        "~ channel 200: cap: 20 → default",
        "~ channel 200: crosspost: no → yes",
        "~ channel 200: style: full → compact",
        f"~ channel 200: digest: {BEFORE} → none",
        "~ channel 200: “tts”: live → both",
    ]
    async with await Store.open(settings.database.url) as store:
        found = {one.keyword: one for one in await store.subscriptions.all()}
    assert set(found) == {"speech synthesis", "tts", "ti:diffusion AND cat:cs.CV"}
    assert found["tts"].options.deliver is Deliver.BOTH
    assert found["tts"].destination.cap is None


async def test_an_import_names_each_option_that_is_not_the_default(settings: Settings, file: Path) -> None:
    told = {
        "": "live",
        "deliver: digest": "digest",
        "mention: 5": "live, mentioning 5",
        "categories: [cs.CL, stat]": "live, in cs.CL,stat",
        "cross_lists: false": "live, without cross-lists",
        "categories: [stat], cross_lists: false": "live, in stat without cross-lists",
        "revisions: true": "live, with revisions",
        "paused: true": "live, paused",
    }
    entries = [
        f"{{{', '.join(filter(None, (f'keyword: K{n}', options)))}}}" for n, options in enumerate(told)
    ]
    rewrite(file, f"channels: [{{server: 100, channel: 200, subscriptions: [{', '.join(entries)}]}}]")
    changes = await import_file(settings, file, dry_run=True)
    for number, words in enumerate(told.values()):
        assert f"+ channel 200: “K{number}”, {words}\n" in changes


async def test_another_servers_channel_is_refused_and_nothing_changes(settings: Settings, file: Path) -> None:
    await import_file(settings, file, dry_run=False)
    before = await export(settings, None, as_opml=False)
    rewrite(file, FILE.replace("'100'", "'101'").replace("TTS", "vocoder"))
    with pytest.raises(UserError, match="channel 200 belongs to another server or person in this database"):
        await import_file(settings, file, dry_run=False)
    assert await export(settings, None, as_opml=False) == before


async def test_a_keyword_that_is_too_long_is_refused_with_its_line(settings: Settings, file: Path) -> None:
    rewrite(file, FILE.replace("TTS", "x" * 501))
    with pytest.raises(UserError, match=r"subscriptions\.yaml:16: .*at most 500"):
        await import_file(settings, file, dry_run=True)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
async def test_a_file_that_cannot_be_read_is_a_sentence(
    settings: Settings, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "other.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match="cannot be read"):
        await import_file(settings, path, dry_run=False)


def test_feeds_ask_arxiv_for_the_query() -> None:
    root = ET.fromstring(opml.write(CHANNELS, NOW))  # noqa: S314 - our own
    folders = root.findall("body/outline")
    assert [folder.get("text") for folder in folders] == [
        "Server 100, channel 200",
        "Direct messages of 300",
    ]
    feeds = root.findall("body/outline/outline")
    assert [feed.get("text") for feed in feeds] == ["speech synthesis", "TTS", "ti:diffusion AND cat:cs.CV"]
    address = urlsplit(feeds[0].get("xmlUrl", ""))
    assert address.netloc == "export.arxiv.org"
    assert parse_qs(address.query)["search_query"] == [parse("speech synthesis").arxiv]


def test_the_commands_print_and_end_as_all_others_do(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAPERS_DATABASE__URL", f"sqlite:///{tmp_path}/papers.db")
    monkeypatch.chdir(tmp_path)

    def ended(*arguments: str) -> object:
        with pytest.raises(SystemExit) as stopped:
            main(["subscriptions", *arguments])
        return stopped.value.code or 0

    assert ended("import", str(file)) == 0
    said = capsys.readouterr()
    assert "+ channel 301" in said.out
    assert said.err == f"imported into {tmp_path}/papers.db, a new database\n"
    assert ended("export", "--format", "opml") == 0
    assert capsys.readouterr().out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">')
    assert ended("export", "out.yaml") == 0
    assert capsys.readouterr() == ("", "wrote 2 channels, 3 subscriptions to out.yaml\n")
    assert ended("import", "out.yaml", "--dry-run") == 0
    assert capsys.readouterr().out == "The database already matches the file.\n"
    rewrite(file, "channels: 7")
    assert ended("import", str(file)) == 2
    assert capsys.readouterr().err == f"{file}:1: this must be a list\n"
    assert ended("import", "nothing.yaml") == 1
    assert capsys.readouterr().err == "nothing.yaml cannot be read (no such file or directory).\n"
    monkeypatch.setenv("PAPERS_DATABASE__URL", f"sqlite:///{tmp_path}/none.db")
    assert ended("import", "out.yaml") == 0
    assert capsys.readouterr().err == f"imported into {tmp_path}/none.db, a new database\n"


@pytest.mark.parametrize("as_opml", [False, True])
async def test_an_export_from_a_database_that_cannot_be_written_says_why_that_matters(
    settings: Settings, file: Path, tmp_path: Path, as_opml: bool
) -> None:
    await import_file(settings, file, dry_run=False)
    why = r"cannot be written; .* Even reading needs that right; without it, name a copy in database\.url\.$"
    with unprivileged(tmp_path), pytest.raises(StoreReadOnly, match=why):
        await export(settings, None, as_opml=as_opml)


@pytest.mark.parametrize("file", [[], ["out.yaml"]])
def test_an_export_from_the_wrong_folder_leaves_a_good_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: list[str]
) -> None:
    monkeypatch.setenv("PAPERS_DATABASE__URL", f"sqlite:///{tmp_path}/none.db")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.yaml").write_text("channels: []")
    with pytest.raises(SystemExit) as stopped:
        main(["subscriptions", "export", *file])
    assert stopped.value.code == 1
    said = f"There is no database {tmp_path}/none.db to export from; check database.url.\n"
    assert capsys.readouterr() == ("", said)
    assert (tmp_path / "out.yaml").read_text() == "channels: []"
    assert not (tmp_path / "none.db").exists()
