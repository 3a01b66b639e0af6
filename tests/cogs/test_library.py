"""`/library`, the message menus, and the buttons *Save* and *BibTeX*, driven through the real tree."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from pybtex.database import parse_string
from simcord.env import Env

from bot.model.errors import UserError
from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import PaperId
from bot.model.subscriptions import Place
from bot.present.uploads import upload
from bot.store import Store
from tests.cogs.library_cases import NEXT, SAVE, SHOW, file_of, keep, say
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import EPOCH, make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared


async def test_an_empty_list_says_how_it_is_filled(world: World) -> None:
    result = await world.member.slash(world.papers, "library show")
    assert result.ephemeral
    assert "Your reading list is empty" in text_of(result)
    assert buttons_of(result) == {}


async def test_the_list_has_pages_that_turn_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    await keep(world, store, 12)
    await store.library.note(world.member.id, make_paper(12).id, "for *Thursday*")
    result = await world.member.slash(world.papers, "library show")
    assert result.ephemeral
    text = text_of(result)
    assert "Your reading list: 12 papers" in text
    assert "> for \\*Thursday\\*" in text
    assert text.index("2607.00012v1") < text.index("2607.00008v1")
    assert "2607.00007" not in text
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label=NEXT)
    assert "Page 2 of 3" in text_of(result)
    assert "2607.00007v1" in text_of(result)


async def test_a_list_that_became_shorter_shows_its_last_page(world: World, store: Store) -> None:
    await keep(world, store, 6)
    result = await world.member.slash(world.papers, "library show")
    await store.library.remove(world.member.id, make_paper(1).id)
    await world.member.click(result.response, label=NEXT)
    assert "2607.00006v1" in text_of(result)
    assert buttons_of(result) == {}


async def test_the_list_is_exported_as_bibtex_by_default(world: World, store: Store) -> None:
    await keep(world, store, 3)
    await store.library.note(world.member.id, make_paper(1).id, "50% done")
    result = await world.member.slash(world.papers, "library export")
    assert result.ephemeral
    name, content = await file_of(result)
    assert name == "reading-list-2026-07-24.bib"
    entries = parse_string(content.decode(), "bibtex").entries
    assert [entry.fields["eprint"] for entry in entries.values()] == [
        "2607.00003",
        "2607.00002",
        "2607.00001",
    ]
    assert entries["author12026speech"].fields["annote"] == r"50\% done"


async def exported_keys(world: World) -> dict[str, str]:
    """Return the key of each paper in the person's exported list."""
    _name, content = await file_of(await world.member.slash(world.papers, "library export"))
    entries = parse_string(content.decode(), "bibtex").entries
    return {entry.fields["eprint"]: key for key, entry in entries.items()}


async def test_an_exported_key_stays_when_more_papers_or_versions_come(world: World, store: Store) -> None:
    one, two, three = (make_paper(number, authors=("Ada Author",)) for number in (1, 2, 3))
    await store.library.save(world.member.id, [one], EPOCH, most=9)
    assert await exported_keys(world) == {"2607.00001": "author2026speech"}
    await store.library.save(world.member.id, [two], EPOCH, most=9)
    both = {"2607.00001": "author2026speech", "2607.00002": "author2026speech:2607.00002"}
    assert await exported_keys(world) == both
    await store.library.remove(world.member.id, one.id)
    assert await exported_keys(world) == {"2607.00002": "author2026speech:2607.00002"}
    await store.record([replace(two, version=2, title="Another title")], [], EPOCH)
    await store.library.save(world.member.id, [three], EPOCH, most=9)
    assert (await exported_keys(world))["2607.00002"] == "author2026speech:2607.00002"


async def test_the_button_shows_the_key_that_the_list_keeps(world: World, store: Store) -> None:
    one, two = (make_paper(number, authors=("Ada Author",)) for number in (1, 2))
    await store.library.save(world.member.id, [one], EPOCH, most=9)
    post = await world.member.slash(world.papers, "paper", paper=one.id.text)
    shown = await world.member.click(post.response, label="Cite")
    assert "@misc{author2026speech," in text_of(shown)
    await store.library.save(world.member.id, [two], EPOCH, most=9)
    assert (await exported_keys(world))["2607.00001"] == "author2026speech"
    post = await world.member.slash(world.papers, "paper", paper=two.id.text)
    shown = await world.member.click(post.response, label="Cite")
    assert "@misc{author2026speech:2607.00002," in text_of(shown)


async def shown_key(world: World, paper: PaperId) -> str:
    """Return the key that the button shows."""
    post = await world.member.slash(world.papers, "paper", paper=paper.text)
    shown = text_of(await world.member.click(post.response, label="Cite"))
    return shown.partition("{")[2].partition(",")[0]


async def test_a_key_from_the_button_stays_though_the_paper_is_saved_later_removed_and_saved_again(
    world: World, store: Store
) -> None:
    one, two, three = (make_paper(number, authors=("Ada Author",)) for number in (1, 2, 3))
    await store.record([one, two, three], [], EPOCH)
    assert await shown_key(world, one.id) == "author2026speech"
    await store.library.save(world.member.id, [two], EPOCH, most=9)
    assert await exported_keys(world) == {"2607.00002": "author2026speech:2607.00002"}
    await store.library.save(world.member.id, [one], EPOCH, most=9)
    assert (await exported_keys(world))["2607.00001"] == "author2026speech"
    await world.member.slash(world.papers, "library remove", paper=one.id.text)
    assert await shown_key(world, three.id) == "author2026speech:2607.00003"
    await store.library.save(world.member.id, [one], EPOCH, most=9)
    assert (await exported_keys(world))["2607.00001"] == "author2026speech"
    assert await shown_key(world, one.id) == "author2026speech"


async def test_the_list_is_exported_as_markdown(world: World, store: Store) -> None:
    paper = make_paper(1, title="A_b [c](d) | $\\alpha$ <i>", authors=("Ada A", "B", "C", "D"))
    await store.library.save(world.member.id, [paper], EPOCH, most=9)
    await store.library.note(world.member.id, paper.id, "1. <x>read</x>")
    name, content = await file_of(await world.member.slash(world.papers, "library export", format="markdown"))
    assert name == "reading-list-2026-07-24.md"
    assert content.decode() == (
        "# Reading list\n\n1 paper, 2026-07-24\n\n"
        "- [A\\_b \\[c\\](d) \\| α \\<i\\>](https://arxiv.org/abs/2607.00001v1)  \n"
        "  Ada A, B, C and 1 more. cs.CL, 20 July 2026\n\n"
        "  > 1\\. \\<x\\>read\\</x\\>\n"
    )


async def test_as_many_authors_as_a_post_names_are_all_named(world: World, store: Store) -> None:
    await store.library.save(world.member.id, [make_paper(1, authors=("Ada A", "B", "C"))], EPOCH, most=9)
    _name, content = await file_of(
        await world.member.slash(world.papers, "library export", format="markdown")
    )
    assert "  Ada A, B, C. cs.CL," in content.decode()


async def test_the_list_is_exported_as_json(world: World, store: Store, tmp_path: Any) -> None:
    await keep(world, store, 2)
    await store.library.note(world.member.id, make_paper(1).id, "first")
    name, content = await file_of(await world.member.slash(world.papers, "library export", format="json"))
    assert name == "reading-list-2026-07-24.json"
    rows = json.loads(content)
    assert [(row["id"], row["note"]) for row in rows] == [("2607.00002", ""), ("2607.00001", "first")]
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert list(papers_from_jsonl(lines)) == [make_paper(2), make_paper(1)]


async def test_the_list_is_exported_for_reference_managers(world: World, store: Store) -> None:
    await keep(world, store, 2)
    name, content = await file_of(await world.member.slash(world.papers, "library export", format="ris"))
    assert name == "reading-list-2026-07-24.ris"
    assert content.decode().count("ER  - ") == 2
    name, content = await file_of(await world.member.slash(world.papers, "library export", format="csl"))
    assert name == "reading-list-2026-07-24.csl.json"
    assert [item["id"] for item in json.loads(content)] == ["author22026speech", "author12026speech"]


async def test_the_list_is_searched_in_titles_abstracts_and_notes(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    await keep(world, store, 12)
    await store.library.note(world.member.id, make_paper(3).id, "for Thursday")
    found = await world.member.slash(world.papers, "library show", query="thursday MODEL")
    assert "Your reading list: 1 paper on “thursday MODEL”" in text_of(found)
    assert "**1** **[Speech synthesis with model 3]" in text_of(found)
    many = await world.member.slash(world.papers, "library show", query="speech: present")
    assert "12 papers on “speech present”" in text_of(many)
    await world.env.restart_bot(make_bot())
    await world.member.click(many.response, label=NEXT)
    assert "12 papers on “speech present”" in text_of(many)
    assert "**6** **[" in text_of(many)
    none = await world.member.slash(world.papers, "library show", query="100%")
    assert "Nothing on your list matches “100%”" in text_of(none)


async def test_a_paper_of_the_list_is_opened_from_a_menu(world: World, store: Store) -> None:
    await keep(world, store, 2)
    shown = await world.member.slash(world.papers, "library show")
    opened = await world.member.select(shown.response, ["2607.00001"])
    assert "present model number 1" in text_of(opened)


async def test_nothing_to_export_is_a_sentence(world: World) -> None:
    result = await world.member.slash(world.papers, "library export")
    assert "nothing to export" in text_of(result)


def test_a_large_file_is_compressed_and_one_too_large_is_refused() -> None:
    file = upload("list.json", b"a" * 1000, 100)
    assert file.filename == "list.json.gz"
    assert gzip.decompress(file.fp.read()) == b"a" * 1000
    with pytest.raises(UserError, match="too large for Discord"):
        upload("list.json", b"a" * 1000, 10)


async def note_of(world: World, store: Store) -> str | None:
    kept = await store.library.get(world.member.id, make_paper(1).id)
    return kept.note if kept else None


async def note_form(world: World) -> Any:
    return await world.member.slash(world.papers, "library note", paper="arxiv.org/abs/2607.00001v1")


async def test_a_note_is_written_with_the_command(world: World, store: Store) -> None:
    await keep(world, store, 1)
    noted = await world.member.slash(
        world.papers, "library note", paper="2607.00001", text="read \n  section 3"
    )
    assert noted.ephemeral
    assert "> read section 3" in text_of(noted)
    assert await note_of(world, store) == "read section 3"


@pytest.mark.parametrize("options", [{}, {"text": ""}, {"text": " \n "}])
async def test_a_note_without_text_opens_a_form_with_the_present_note_and_erases_nothing(
    world: World, store: Store, options: dict[str, str]
) -> None:
    await keep(world, store, 1)
    await store.library.note(world.member.id, make_paper(1).id, "first")
    form = await world.member.slash(world.papers, "library note", paper="2607.00001", **options)
    assert form.modal is not None
    [label] = form.modal["components"]
    assert label["label"] == "2607.00001"
    assert label["component"]["value"] == "first"
    assert await note_of(world, store) == "first"


async def test_the_form_of_a_note_changes_and_removes_it_also_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    await keep(world, store, 1)
    form = await note_form(world)
    await world.env.restart_bot(make_bot())
    written = await world.member.submit_modal(form, {"text": "see\n\nfigure 2 "})
    assert written.ephemeral
    assert "> see figure 2" in text_of(written)
    assert await note_of(world, store) == "see figure 2"
    removed = await world.member.submit_modal(await note_form(world), {"text": ""})
    assert "Removed the note" in text_of(removed)
    assert await note_of(world, store) == ""
    nothing = await world.member.submit_modal(await note_form(world), {"text": ""})
    assert "no note was written" in text_of(nothing)


async def test_the_form_of_a_note_saves_a_paper_that_was_not_on_the_list(
    world: World, store: Store, arxiv: FakeArxiv
) -> None:
    missing = await world.member.submit_modal(await note_form(world), {"text": ""})
    assert "2607.00001 is not on your reading list" in text_of(missing)
    await world.member.submit_modal(await note_form(world), {"text": "new to me"})
    assert await note_of(world, store) == "new to me"


async def test_a_note_on_any_other_paper_saves_it(world: World, store: Store, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(1, id="math/0309136", title="Old knots")])
    result = await world.member.slash(
        world.papers, "library note", paper="https://arxiv.org/abs/math.GT/0309136v2", text="see 2.1"
    )
    assert "Old knots" in text_of(result)
    [kept] = await store.library.all(world.member.id)
    assert (kept.paper.id.text, kept.note) == ("math/0309136", "see 2.1")


async def test_what_cannot_be_noted_or_removed_is_a_sentence(world: World, store: Store) -> None:
    removed = await world.member.slash(world.papers, "library remove", paper="2607.00001")
    assert "2607.00001 is not on your reading list" in text_of(removed)
    unread = await world.member.slash(world.papers, "library remove", paper="that one")
    assert "is not an arXiv identifier" in text_of(unread)
    unknown = await world.member.slash(world.papers, "library note", paper="2607.99999", text="x")
    assert "arXiv has no paper 2607.99999" in text_of(unknown)


async def test_a_note_does_not_count_as_a_save_in_the_channel(
    world: World, store: Store, clock: Clock
) -> None:
    await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())
    await world.member.slash(world.papers, "library note", paper="2607.00001", text="mine")
    assert await note_of(world, store) == "mine"
    assert await store.library.savers(world.papers.id, make_paper(1).id) == 0


async def test_a_removed_paper_can_be_saved_again(world: World, store: Store) -> None:
    await keep(world, store, 2)
    await store.library.note(world.member.id, make_paper(1).id, "my thought")
    result = await world.member.slash(world.papers, "library remove", paper="2607.00001")
    assert result.ephemeral
    assert "my thought" in text_of(result)
    assert await store.library.count(world.member.id) == 1
    await world.member.click(result.response, label="Save it again")
    assert await store.library.count(world.member.id) == 2


async def test_papers_of_the_list_are_completed(world: World, store: Store) -> None:
    await keep(world, store, 30)
    offered = await world.member.autocomplete(world.papers, "library note", "paper", "model 12")
    assert offered == [
        {"name": "2607.00012 · Speech synthesis with model 12", "value": "2607.00012"},
    ]
    assert len(await world.member.autocomplete(world.papers, "library remove", "paper", "")) == 25
    assert await world.manager.autocomplete(world.papers, "library remove", "paper", "") == []


async def test_a_full_list_says_so(world: World, store: Store) -> None:
    limits = world.bot.settings.limits
    await store.library.save(
        world.member.id, make_papers(limits.saved_papers), EPOCH, most=limits.saved_papers
    )
    extra = make_paper(90_000)
    await store.record([extra], [], EPOCH)
    result = await world.member.slash(world.papers, "library note", paper=extra.id.text, text="x")
    assert "Your reading list is full" in text_of(result)
    message = await say(world, f"{extra.id} and 2607.00001")
    result = await world.member.context_menu(world.papers, SAVE, message)
    assert "No room** for 1 paper" in text_of(result)
    assert "Already on your reading list" in text_of(result)


async def test_everything_works_in_direct_messages(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    await ann.slash("library note", paper="2607.00007", text="mine")
    assert "> mine" in text_of(await ann.slash("library show"))
    assert (await ann.slash("library export")).response.attachments
    await ann.slash("library remove", paper="2607.00007")
    assert await store.library.count(ann.id) == 0


@pytest.mark.parametrize(("name", "kind"), [("library", 1), ("privacy", 1), (SHOW, 3), (SAVE, 3)])
def test_all_can_be_used_as_an_app_of_ones_own_anywhere(env: Env, name: str, kind: int) -> None:
    [command] = [
        one
        for one in env.backend.commands[None].values()
        if (one["name"], one.get("type", 1)) == (name, kind)
    ]
    assert command["integration_types"] == [0, 1]
    assert command["contexts"] == [0, 1, 2]
    assert command["default_member_permissions"] is None


@needs_shared
async def test_every_request_is_as_discord_describes_it(world: World, store: Store, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(9, first=1, title="**nasty** [$\\alpha$](x)" * 9, abstract="@everyone " * 300))
    message = await say(world, " ".join(f"2607.{number:05}" for number in range(1, 10)))
    shown = await world.member.context_menu(world.papers, SHOW, message)
    await world.member.click(shown.response, label="Save")
    await world.member.click(shown.response, label="Cite")
    await world.member.context_menu(world.papers, SAVE, message)
    await world.member.slash(world.papers, "library note", paper="2607.00001", text="*`" * 250)
    listed = await world.member.slash(world.papers, "library show")
    await world.member.click(listed.response, label=NEXT)
    for kind in ("bibtex", "markdown", "json", "ris", "csl"):
        await world.member.slash(world.papers, "library export", format=kind)
    await world.member.slash(world.papers, "library remove", paper="2607.00001")
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
