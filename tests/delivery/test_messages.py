"""What a message holds, and by what it is known again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import discord
import pytest

from bot import i18n
from bot.delivery.messages import (
    Outgoing,
    digest_message,
    notice_message,
    notice_nonce,
    paper_message,
    row_nonce,
    tags_for,
)
from bot.delivery.posted_messages import PostedEmbed, PostedMessage
from bot.model.outbox import (
    DigestPage,
    Kind,
    OutboxRow,
    PageSubject,
    PaperSubject,
    Posting,
    QuietNote,
    Section,
)
from bot.model.subscriptions import Destination, Style
from tests.fakes.papers import make_paper
from tests.store.store_cases import NOW

PLACE = Destination(1, guild_id=10, channel_id=20)
PAPER = make_paper(1001, version=2)
ROLE = 77


def row(kind: Kind = Kind.PAPER, **changes: Any) -> OutboxRow:
    fields: dict[str, Any] = {"id": 5, "destination": PLACE, "kind": kind, "due": NOW, "created_at": NOW}
    fields["subject"] = PaperSubject(PAPER.id, 2)
    return OutboxRow(**(fields | changes))


def page(number: int = 1, pages: int = 1, **changes: Any) -> OutboxRow:
    day = date(2026, 7, 22)
    content = DigestPage(day, number, pages, 1, (Section("TTS", (PAPER.id,)),))
    return row(Kind.DIGEST, subject=PageSubject(day, number), page=content, **changes)


def posted(content: str = "", **embed: str) -> PostedMessage:
    embeds = (PostedEmbed(**embed),) if embed else ()
    return PostedMessage(1, 2, content, embeds, (), is_answer=False, crossposted=False)


def message_of(**changes: Any) -> Outgoing:
    return paper_message(row(**changes), Posting(PAPER, ("TTS",), (ROLE,), ("speech",)))


ADDRESS = "https://arxiv.org/abs/2607.01001"


@pytest.mark.parametrize(
    ("message", "known"),
    [
        (posted(url=f"{ADDRESS}v2"), True),
        (posted(url=f"{ADDRESS}v3"), True),  # revised between the two attempts
        (posted(url=f"{ADDRESS}v1"), False),
        (posted(url=f"{ADDRESS}"), False),
        (posted(url="https://arxiv.org/abs/2607.010011v2"), False),
        (posted(url="https://arxiv.org/abs/2607x01001v2"), False),
        (posted(f"A title\n{ADDRESS}v2"), True),
        (posted(f"see {ADDRESS}v2"), False),
        (posted(), False),
    ],
)
def test_a_post_is_known_by_the_address_of_the_paper(message: PostedMessage, known: bool) -> None:
    assert message_of().matches(message) is known


def test_a_digest_is_known_by_the_line_above_it_in_any_language() -> None:
    outgoing = digest_message(page(), {PAPER.id: PAPER})
    for language in i18n.languages():
        with i18n.in_language(language):
            other = digest_message(page(), {PAPER.id: PAPER})
        assert other.name in outgoing.names
        assert outgoing.matches(posted(other.content or "", footer="1 paper", description="More"))
        assert outgoing.matches(posted(f"{other.content}\nas plain text"))
    assert not outgoing.matches(posted("**2 new papers, 22 July**"))
    assert not outgoing.matches(posted())
    assert not outgoing.matches(posted("something else"))


def test_a_digest_in_the_layout_of_earlier_versions_is_known_by_its_title() -> None:
    outgoing = digest_message(page(), {PAPER.id: PAPER})
    assert outgoing.matches(posted(title="New papers, 22 July 2026", footer="1 paper"))
    assert not outgoing.matches(posted(title="New papers, 23 July 2026", footer="1 paper"))
    as_list = digest_message(replace(page(), kind=Kind.LIST), {PAPER.id: PAPER})
    assert as_list.matches(posted(title="1 more paper, 22 July 2026", footer="1 paper"))


def test_the_note_of_a_quiet_day_is_known_by_its_beginning_in_any_language() -> None:
    sheet = DigestPage(date(2026, 7, 22), 1, 1, 0, (), note=QuietNote(("TTS",), 0, 2))
    quiet = replace(page(), page=sheet)
    outgoing = digest_message(quiet, {})
    for language in i18n.languages():
        with i18n.in_language(language):
            other = digest_message(quiet, {})
        [embed] = other.embeds
        assert outgoing.matches(posted(description=embed.description or ""))
        assert other.name in outgoing.names
    plain = digest_message(replace(quiet, plain=True), {})
    assert plain.embeds == ()
    assert outgoing.matches(posted(plain.content or ""))
    assert outgoing.matches(posted(title="No new papers, 22 July 2026", description="No new papers today."))
    assert "No new papers, 22 July 2026" in outgoing.names
    assert not outgoing.matches(posted(description="**23 July: nothing new** on TTS."))


def test_each_page_that_an_earlier_version_queued_is_told_from_the_others() -> None:
    first, second = (digest_message(page(number, 2), {PAPER.id: PAPER}) for number in (1, 2))
    shown = posted(first.content or "", footer=str(first.embeds[0].footer.text))
    assert first.matches(shown)
    assert not second.matches(shown)


@pytest.mark.parametrize("plain", [False, True])
def test_the_message_of_a_paper(plain: bool) -> None:
    outgoing = message_of(plain=plain)
    assert (outgoing.paper, outgoing.version) == (PAPER.id, 2)
    assert outgoing.buttons_for == (None if plain else PAPER)
    assert len(outgoing.embeds) == (0 if plain else 1)
    assert f"<@&{ROLE}>" in (outgoing.content or "")
    assert outgoing.mentions.to_dict()["roles"] == [str(ROLE)]
    quiet = outgoing.without_mentions()
    assert quiet.mentions.to_dict().items() == {"parse": []}.items()
    assert quiet.content == (outgoing.content if plain else None)


@pytest.mark.parametrize(
    ("withdrawn", "author"), [(False, "Revised: version 2"), (True, "Withdrawn: version 2")]
)
def test_a_revision_says_which_version_it_is(withdrawn: bool, author: str) -> None:
    new = row(Kind.REVISION)
    posting = Posting(replace(PAPER, withdrawn=withdrawn), ("TTS",))
    [embed] = paper_message(new, posting).embeds
    assert (embed.title or "").startswith("Version 2 of “")
    full = replace(new, destination=replace(new.destination, style=Style.FULL))
    [embed] = paper_message(full, posting).embeds
    assert embed.author.name == author
    [embed] = message_of().embeds
    assert embed.author.name is None


def test_a_marked_post_keeps_its_title_where_nobody_is_mentioned_and_no_revision_is_marked() -> None:
    posting = Posting(PAPER, ("TTS",), (ROLE,), marked=("latent space",))
    outgoing = paper_message(row(), posting)
    head = f"★ **[{PAPER.title}](<{PAPER.abs_url}>)**"
    assert outgoing.content == f"{head}\n<@&{ROLE}>"
    assert outgoing.without_mentions().content == head
    assert outgoing.matches(posted(url=PAPER.abs_url))
    assert "★" not in str(paper_message(row(Kind.REVISION), posting).content)


def test_a_posting_is_of_a_paper_and_a_digest_has_a_page() -> None:
    with pytest.raises(TypeError):
        paper_message(page(), Posting(PAPER, ()))
    with pytest.raises(ValueError, match="row 5 holds no page"):
        digest_message(row(Kind.DIGEST), {})


def test_a_digest_of_one_page_may_bring_a_file_and_buttons_and_a_plain_one_is_text() -> None:
    papers = {PAPER.id: PAPER}
    one = page()
    assert digest_message(one, papers).issue == one.page
    assert digest_message(page(1, 2), papers).issue is None  # an earlier version stored each page
    assert (digest_message(one, papers).content or "").startswith("**1 new paper, ")
    plain = digest_message(replace(one, plain=True), papers)
    assert plain.embeds == ()
    assert (plain.content or "").startswith(plain.titles[0])
    assert PAPER.title in (plain.content or "")


def test_a_forum_post_is_tagged_by_category_its_name_and_archive_the_primary_one_first() -> None:
    paper = make_paper(1, categories=("stat.ML", "cs.LG"), primary_category="cs.LG")
    assert paper_message(row(), Posting(paper, ())).tag_names == (
        "cs.LG",
        "stat.ML",
        "Machine Learning",
        "cs",
        "stat",
    )


def tag(number: int, name: str, *, moderated: bool = False) -> discord.ForumTag:
    made = discord.ForumTag(name=name, moderated=moderated)
    made.id = number
    return made


MODERATED, OTHER, SPEECH = tag(1, "Staff", moderated=True), tag(2, "Other"), tag(3, "CS.CL")
MANY = [tag(number, f"tag{number}") for number in range(10, 17)]


@pytest.mark.parametrize(
    ("names", "tags", "required", "chosen"),
    [
        (("cs.cl",), [OTHER, SPEECH], False, [3]),
        (("cs.CL", "other"), [OTHER, SPEECH], False, [3, 2]),
        (("cs.CL", "CS.cl"), [OTHER, SPEECH], True, [3]),
        (("math",), [OTHER, SPEECH], False, []),
        (("math",), [MODERATED, OTHER, SPEECH], True, [2]),
        (("math",), [MODERATED], True, [1]),
        (("staff",), [MODERATED, OTHER], True, [1]),
        (("math",), [], True, []),
        (tuple(each.name for each in MANY), MANY, False, [10, 11, 12, 13, 14]),
    ],
)
def test_a_forum_post_gets_tags_that_fit_and_one_where_that_is_required(
    names: tuple[str, ...], tags: list[discord.ForumTag], required: bool, chosen: list[int]
) -> None:
    assert [each.id for each in tags_for(names, tags, required=required)] == chosen


def test_nonces_differ_by_row_kind_and_installation_and_are_as_long_as_ever() -> None:
    nonces = [row_nonce("a", row()), row_nonce("b", row()), row_nonce("a", row(id=6)), notice_nonce("a", 5)]
    assert len(set(nonces)) == len(nonces)
    assert {len(nonce) for nonce in nonces} == {24}
    assert row_nonce("a", row()) == "d9beb4389048772969329e60"  # an upgrade must not change it


def test_a_notice_is_cut_to_a_message_and_known_by_its_beginning() -> None:
    heads = ("A" * 1500, "B" * 10)
    outgoing = notice_message("A" * 3000, heads)
    assert len(outgoing.content or "") == 2000
    assert outgoing.mentions.to_dict().items() == {"parse": []}.items()
    assert outgoing.matches(posted("A" * 1000 + "x"))
    assert not outgoing.matches(posted("A" * 999 + "x"))
    assert outgoing.matches(posted("B" * 10))
    assert not outgoing.matches(posted("B" * 9))
