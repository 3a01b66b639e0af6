"""Subscriptions go out as YAML or OPML, and come in whole or not at all."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from bot.cli import opml, yaml_format
from bot.cli.main import main
from bot.cli.subscriptions import export, import_file
from bot.config import Settings
from bot.model.errors import FileError, StoreReadOnly, UserError
from bot.model.subscriptions import Deliver, State
from bot.query.query import parse
from bot.store import Store
from tests.cli.subscriptions_cases import BEFORE, CHANNELS, FILE, NOW, file, rewrite, settings
from tests.unprivileged import unprivileged

__all__ = ["file", "settings"]


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
