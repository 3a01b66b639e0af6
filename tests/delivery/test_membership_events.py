"""The events after which paused channels are tried again."""

from __future__ import annotations

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import State
from bot.store import Store
from tests.delivery.membership_cases import becomes, place
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import NOW, store

__all__ = ["channel", "fake", "guild", "start", "store"]


async def test_every_event_that_may_change_a_right_has_paused_channels_tried_again(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    extra, doomed = fake.add_role(guild, "extra"), fake.add_role(guild, "doomed")
    role = next(each for each in fake.guilds[guild]["roles"] if each["id"] == str(extra))
    here = {"guild_id": str(guild)}
    async with start() as bot:
        await fake.until(bot.is_ready)
        events = [
            ("CHANNEL_UPDATE", fake.channels[channel]),
            ("GUILD_ROLE_UPDATE", here | {"role": role}),
            ("GUILD_ROLE_DELETE", here | {"role_id": str(doomed)}),
            ("GUILD_MEMBER_UPDATE", payloads.member(fake.bot, [extra]) | here),
            ("THREAD_CREATE", fake.add_thread(fake.channels[channel], "joined")),
            ("THREAD_UPDATE", fake.add_thread(fake.channels[channel], "archived")),
        ]
        destination = (await place(store, channel)).id
        for name, data in events:
            await store.destinations.pause(destination, Reason(ReasonCode.NOT_ALLOWED), NOW)
            await fake.gateway.dispatch(name, data, guild_id=guild)
            await becomes(store, channel, State.ACTIVE)
        await store.destinations.pause(destination, Reason(ReasonCode.NOT_ALLOWED), NOW)
        other = payloads.member(payloads.user(5, "somebody"), [])
        await fake.gateway.dispatch("GUILD_MEMBER_UPDATE", other | here, guild_id=guild)
        assert (await place(store, channel)).state is State.PAUSED
