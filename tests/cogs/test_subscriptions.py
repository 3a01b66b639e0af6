"""`/subscriptions` as a panel: looked at by everyone, changed by who may, over restarts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord
import pytest
from simcord.env import Env

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Options, State
from bot.query.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes.clock import Clock
from tests.openapi import valid_request
from tests.shared import needs_shared
from tests.store.store_cases import UNDO

KEYWORD = "speech synthesis"


async def opened(world: World, store: Store, actor: Any = None, **options: Any) -> Any:
    """Subscribe, open the panel and pick the subscription; return the message."""
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, **options)
    actor = actor or world.manager
    result = await actor.slash(world.papers, "subscriptions")
    await actor.select(result.response, [str((await only(store)).id)])
    return result.response


async def test_a_subscription_is_picked_and_shown_in_full(world: World, store: Store) -> None:
    panel = await opened(world, store, categories="cs.CL")
    text = text_of(panel)
    assert "“speech synthesis”" in text
    assert '```\nti:"speech synthesis" OR abs:"speech synthesis"\n```' in text
    assert "Only papers in Computation and Language" in text
    assert buttons_of(panel) == {"Pause": True, "Edit": True, "Test": True, "Remove": True, "List": True}
    await world.manager.click(panel, label="List")
    assert "1 subscription" in text_of(panel)


async def test_members_look_and_are_refused_at_the_buttons_of_others(world: World, store: Store) -> None:
    panel = await opened(world, store, world.member)
    assert buttons_of(panel) == {"List": True}
    mine = (await world.manager.slash(world.papers, "subscriptions")).response
    await world.manager.select(mine, [str((await only(store)).id)])
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    for label in ("Pause", "Edit", "Test", "Remove"):
        refused = await world.manager.click(mine, label=label)
        assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert (await only(store)).state is State.ACTIVE


async def test_pause_and_resume_also_after_restarts(world: World, store: Store, make_bot: MakeBot) -> None:
    panel = await opened(world, store)
    await world.env.restart_bot(make_bot())
    await world.manager.click(panel, label="Pause")
    assert (await only(store)).state is State.PAUSED
    assert "A manager paused this subscription" in text_of(panel)
    await world.env.restart_bot(make_bot())
    await world.manager.click(panel, label="Resume")
    assert (await only(store)).state is State.ACTIVE
    assert buttons_of(panel)["Pause"]


async def test_resume_also_resumes_the_channel(world: World, store: Store, clock: Clock) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await store.destinations.pause(
        (await only(store)).destination.id, Reason(ReasonCode.NOT_ALLOWED), clock()
    )
    panel = (await world.manager.slash(world.papers, "subscriptions")).response
    await world.manager.select(panel, [str((await only(store)).id)])
    assert "The channel is paused: I am not allowed to post here" in text_of(panel)
    clock.advance(timedelta(minutes=1))
    await world.manager.click(panel, label="Resume")
    assert (await only(store)).destination.state is State.ACTIVE
    await world.env.settle()
    assert world.bot.jobs["delivery"].last_success == clock(), "what was queued is posted at once"


async def test_remove_can_be_undone_also_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    panel = await opened(world, store, categories="cs.CL", deliver="both")
    before = await only(store)
    await world.manager.click(panel, label="Remove")
    assert await store.subscriptions.all() == []
    assert "Unsubscribed" in text_of(panel)
    await world.env.restart_bot(make_bot())
    await world.manager.click(panel, label="Undo")
    assert await only(store) == before
    assert buttons_of(panel)["Remove"]


async def test_unsubscribe_can_be_undone_but_not_twice_nor_by_others(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    before = await only(store)
    result = await world.manager.slash(world.papers, "unsubscribe", subscription=KEYWORD)
    assert buttons_of(result) == {"Undo": True}
    roles = world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids
    kept = list(roles)
    roles.clear()
    refused = await world.manager.click(result.response, label="Undo")
    assert "You need the Manage Channels permission" in text_of(refused)
    roles.extend(kept) if isinstance(roles, list) else roles.update(kept)
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    refused = await world.manager.click(result.response, label="Undo")
    assert "can no longer be undone" in text_of(refused)
    assert (await only(store)).id != before.id


async def test_unsubscribe_cannot_be_undone_for_ever(world: World, clock: Clock, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    result = await world.manager.slash(world.papers, "unsubscribe", subscription=KEYWORD)
    clock.advance(UNDO)
    refused = await world.manager.click(result.response, label="Undo")
    assert "can no longer be undone" in text_of(refused)
    assert await store.subscriptions.all() == []


async def test_a_test_is_shown_to_the_one_who_asks_alone(world: World, store: Store) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    panel = await opened(world, store, mention=role)
    result = await world.manager.click(panel, label="Test")
    assert result.ephemeral
    text = text_of(result)
    assert "only you can see this. I can post in" in text
    assert "[PDF](https://arxiv.org/pdf/2607.00030v1)" in text
    assert f"<@&{role.id}>" in text
    assert await store.outbox.depth() == 0


async def test_a_test_without_papers_says_so(world: World, store: Store) -> None:
    panel = await opened(world, store, categories="math")
    assert "no paper for this subscription is stored" in text_of(
        await world.manager.click(panel, label="Test")
    )


async def test_edit_changes_what_the_form_says(world: World, store: Store, make_bot: MakeBot) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    panel = await opened(world, store)
    before = await only(store)
    form = await world.manager.click(panel, label="Edit")
    await world.env.restart_bot(make_bot())
    await world.manager.submit_modal(
        form,
        {
            "keyword": "SPEECH synthesis",
            "deliver": ["digest"],
            "categories": "cs.cl stat",
            "role": [role],
            "also": ["revisions"],
        },
    )
    after = await only(store)
    assert (after.id, after.since, after.keyword) == (before.id, before.since, "SPEECH synthesis")
    assert after.options == Options(Deliver.DIGEST, role.id, ("cs.CL", "stat"), False, True)
    assert "Collected for the digest" in text_of(panel)


@pytest.mark.parametrize(
    ("before", "filled", "refused"),
    [
        (False, {}, True),
        (True, {}, False),
        (True, {"keyword": f"  {KEYWORD.upper()} "}, False),
        (True, {"categories": ""}, True),
        (True, {"categories": "cs.CL, cs.SD"}, True),
        (True, {"also": []}, True),
        (True, {"also": ["cross_lists", "revisions"]}, True),
        (True, {"keyword": "ti:vocoder"}, True),
        (True, {"deliver": ["both"]}, True),
        (True, {"keyword": "ti:vocoder", "role": []}, False),
        (True, {"categories": "", "role": []}, False),
    ],
    ids=[
        "the role is new",
        "it was there",
        "the same words in another case",
        "for all categories",
        "for another category",
        "for no cross-lists",
        "for new versions",
        "for other words",
        "live",
        "without it, for other words",
        "without it, for all categories",
    ],
)
async def test_an_edit_mentions_no_role_that_the_person_may_not_mention(
    world: World, store: Store, before: bool, filled: dict[str, Any], refused: bool
) -> None:
    panel = await opened(world, store, deliver="digest")
    role = world.guild.create_role("Readers", mentionable=False)
    started = Options(Deliver.DIGEST, role.id if before else 0, ("cs.CL",))
    await store.subscriptions.edit((await only(store)).id, started)
    form = await world.manager.click(panel, label="Edit")
    unchanged = {"keyword": KEYWORD, "deliver": ["digest"], "categories": "cs.CL", "also": ["cross_lists"]}
    answer = await world.manager.submit_modal(form, unchanged | {"role": [role]} | filled)
    if refused:
        assert "You are not allowed to mention @Readers in #papers yourself" in text_of(answer)
        assert (await only(store)).options == started
    else:
        assert "not allowed" not in text_of(panel)
        assert (await only(store)).options.role_id == (0 if filled.get("role") == [] else role.id)


async def test_edit_to_another_query_is_a_silent_start(world: World, store: Store) -> None:
    panel = await opened(world, store)
    form = await world.manager.click(panel, label="Edit")
    await world.manager.submit_modal(
        form, {"keyword": "ti:vocoder", "deliver": ["live"], "categories": "", "also": ["cross_lists"]}
    )
    after = await only(store)
    assert after.query == parse("ti:vocoder").canonical
    assert after.options == Options()
    assert after.since is not None
    assert await store.outbox.depth() == 0
    assert "“ti:vocoder”" in text_of(panel)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"keyword": "ti:(vision"}, "ti:(vision\n   ^"),
        ({"categories": "cs.XX"}, "“cs.XX” is not an arXiv category"),
        ({"keyword": "TTS"}, "already has a subscription to this keyword"),
        ({"keyword": " "}, "A subscription needs a keyword"),
    ],
)
async def test_what_cannot_be_saved_is_a_sentence(
    world: World, store: Store, values: dict[str, str], sentence: str
) -> None:
    panel = await opened(world, store)
    mine = await only(store)
    await world.manager.slash(world.papers, "subscribe", keyword="TTS")
    form = await world.manager.click(panel, label="Edit")
    filled = {"keyword": KEYWORD, "deliver": ["both"], "categories": "", "also": ["cross_lists"]} | values
    refused = await world.manager.submit_modal(form, filled)
    assert sentence in text_of(refused)
    assert await store.subscriptions.get(mine.id) == mine


async def test_who_lost_the_right_meanwhile_cannot_submit(world: World, store: Store) -> None:
    panel = await opened(world, store)
    form = await world.manager.click(panel, label="Edit")
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    refused = await world.manager.submit_modal(
        form, {"keyword": KEYWORD, "deliver": ["both"], "categories": "", "also": []}
    )
    assert "You need the Manage Channels permission" in text_of(refused)
    assert (await only(store)).options == Options()


async def test_in_direct_messages_the_panel_is_ones_own(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    await ann.slash("subscribe", keyword=KEYWORD)
    panel = (await ann.slash("subscriptions")).response
    await ann.select(panel, [str((await only(store)).id)])
    await ann.click(panel, label="Pause")
    assert (await only(store)).state is State.PAUSED
    form = await ann.click(panel, label="Edit")
    await ann.submit_modal(
        form, {"keyword": KEYWORD, "deliver": ["both"], "categories": "", "also": ["cross_lists"]}
    )
    assert (await only(store)).options.deliver is Deliver.BOTH


async def test_a_picked_subscription_that_ended_says_so(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    panel = (await world.manager.slash(world.papers, "subscriptions")).response
    number = (await only(store)).id
    await store.subscriptions.remove(number, world.bot.clock())
    assert "has already ended" in text_of(await world.manager.select(panel, [str(number)]))


@needs_shared
async def test_every_request_is_as_discord_describes_it(world: World, store: Store) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    panel = await opened(world, store, mention=role, categories="cs.CL,cs.SD", deliver="both")
    form = await world.manager.click(panel, label="Edit")
    await world.manager.submit_modal(
        form, {"keyword": KEYWORD, "deliver": ["both"], "categories": "", "role": [], "also": []}
    )
    for label in ("Test", "Pause", "Resume", "Remove", "Undo", "List"):
        await world.manager.click(panel, label=label)
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)


async def test_a_row_has_no_more_buttons_than_a_phone_shows(world: World, store: Store) -> None:
    for number in range(12):
        await world.manager.slash(world.papers, "subscribe", keyword=f"keyword{number:02}")
    panel = (await world.manager.slash(world.papers, "subscriptions")).response
    rows = [[each["type"] for each in row["components"]] for row in panel.components]
    button, select = discord.ComponentType.button.value, discord.ComponentType.select.value
    assert rows == [[select], [button] * 4]
