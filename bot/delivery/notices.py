"""Tells managers, once, of channels that stopped: in another channel, or in private who subscribed.

Notices of one server become one message. A message is claimed, durably, before it is sent, with the place it
goes to; a try in doubt is repeated there with the same nonce, so that no crash tells a thing twice. Where
nobody can be told, `/status` says it, and it is not tried again.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import discord

from bot import i18n
from bot.delivery import post_history
from bot.delivery.attempt import Attempts, judge
from bot.delivery.messages import nonce_of_notice, of_notice
from bot.model.outbox import Notice
from bot.model.outcomes import FURTHEST_DUE, Fail, Later, Pause, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present import audience
from bot.present.notices import notice_head, notice_text
from bot.present.reasons import reason_in_english
from bot.store import Store
from bot.store.notices import COLLECTED_FOR

_log = logging.getLogger(__name__)

_IDLE = 3600.0
_NOT_YET = 30.0  # seconds until servers have probably arrived
_CHANNELS_TRIED = 2
_CLOCK_WRONG_BY = timedelta(days=1)  # at most


@dataclass(frozen=True, slots=True)
class _Place:
    """A channel of the server, or (`user_id`) a person."""

    channel_id: int = 0
    user_id: int = 0

    @property
    def id(self) -> int:
        return self.channel_id or self.user_id


class NoticeSender:
    """Works through the notices of *store* with *bot*; `run` is the body of a job.

    *on_token_refused* is called when Discord refuses the bot's token: then nothing works any more.
    """

    def __init__(
        self,
        bot: discord.Client,
        store: Store,
        *,
        send_timeout: float,
        clock: Callable[[], datetime],
        on_token_refused: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock
        self._attempts = Attempts(bot, on_token_refused=on_token_refused, timeout=send_timeout)
        self._chance = chance

    async def run(self) -> float:
        """Tell what is due; return the seconds until something is again."""
        if not self._bot.is_ready():
            return _NOT_YET
        while waiting := await self._store.notices.waiting():
            now = self._clock()
            due = [notice for notice in waiting if _due(notice, now) <= now and self._is_here(notice)]
            if not due:
                rest = min(_due(notice, now) for notice in waiting) - now
                return min(_IDLE, max(_NOT_YET, rest.total_seconds()))
            if not await self._tell(due[0], waiting):
                break
        return _IDLE

    def _is_here(self, notice: Notice) -> bool:
        """Tell whether the server's channels are known: it is neither away nor one we left."""
        guild = self._bot.get_guild(notice.destination.guild_id)
        return guild is not None and not guild.unavailable

    async def _tell(self, head: Notice, waiting: Sequence[Notice]) -> bool:
        """Tell *head*, and what goes along with it; False if nothing can be told any more."""
        now = self._clock()
        if head.batch and (head.channel_id or head.user_id):
            place: _Place | None = _Place(head.channel_id, head.user_id)
            batch = [notice for notice in waiting if notice.batch == head.batch]
        else:
            place = next(iter(await self._places(head)), None)
            batch = [notice for notice in waiting if _goes_along(notice, head, place)]
        if place is None:
            why = reason_in_english(head.reason)
            _log.warning("server %d: nobody could be notified: %s", head.destination.guild_id, why)
            await self._store.notices.settle([head], Fail(Reason(ReasonCode.NO_RECIPIENT)), now)
            return True
        if not await self._store.notices.claim(
            batch, now, channel_id=place.channel_id, user_id=place.user_id
        ):
            return True  # one of them is taken back meanwhile; what is left has its turn in the next look
        attempt = await self._attempts.make(
            partial(self._post, head, batch, place), release=partial(self._release, head, batch)
        )
        if attempt is None:
            return False
        outcome = judge(
            attempt, number=head.attempts + 1, plain=True, in_doubt=head.ambiguous, chance=self._chance
        )
        if isinstance(outcome, Fail):
            _log.error("a notice could not be written: %s", reason_in_english(outcome.reason))
        elif isinstance(outcome, Pause | Later):
            _log.info(
                "a notice to %d has to wait or to go elsewhere: %s",
                place.id,
                reason_in_english(outcome.reason),
            )
        elif isinstance(outcome, Sent):
            _log.info("told %d of %d channels that stopped", place.id, len(batch))
        await self._store.notices.settle(batch, outcome, self._clock(), place=place.id)
        return True

    async def _release(self, head: Notice, batch: Sequence[Notice]) -> None:
        """Take the claim of *batch* back, unless an earlier attempt may have posted it."""
        if not head.ambiguous:
            later = Later(timedelta(), Reason(ReasonCode.TOKEN_REFUSED))
            await self._store.notices.settle(batch, later, self._clock())

    async def _post(self, head: Notice, batch: Sequence[Notice], place: _Place) -> discord.abc.Snowflake:
        with i18n.in_language(audience.of_server(self._bot, head.destination.guild_id)):
            text = notice_text(batch, here=not place.user_id)
        heads = []
        for language in i18n.languages():  # an earlier try may have been in another
            with i18n.in_language(language):
                heads.append(notice_head(batch, here=not place.user_id))
        if place.user_id:
            channel: discord.abc.Messageable = await self._bot.create_dm(discord.Object(place.user_id))
        else:
            channel = self._bot.get_partial_messageable(place.channel_id)
        outgoing = of_notice(text, heads)
        if head.ambiguous and head.first_tried is not None:
            # Notices are rare, so the earlier message is looked for whether or not Discord knows the nonce. A
            # message that is much older than that attempt is about another stop.
            after = discord.Object(discord.utils.time_snowflake(head.first_tried - _CLOCK_WRONG_BY))
            earlier = await post_history.find_earlier(
                self._bot, channel, outgoing, after=after, tried=head.first_tried
            )
            if earlier is not None:
                return earlier
        mark = nonce_of_notice(self._store.installation, head.batch or head.id)
        return await channel.send(outgoing.content, allowed_mentions=outgoing.mentions, nonce=mark)

    async def _places(self, notice: Notice) -> list[_Place]:
        """Return where *notice* can be told, the best place first."""
        places: list[_Place] = []
        guild = self._bot.get_guild(notice.destination.guild_id)
        if guild is not None and len(notice.refused) < _CHANNELS_TRIED:
            used = await self._store.destinations.of_guild(guild.id)
            found = list(writable(guild, used, but=notice.destination.channel_id))
            places += [_Place(channel_id=channel.id) for channel in found]
        if notice.subscriber:
            places.append(_Place(user_id=notice.subscriber))
        return [place for place in places if place.id not in notice.refused]


def _due(notice: Notice, now: datetime) -> datetime:
    """Return when *notice* is due: at once where it was written or put off while the clock was ahead."""
    furthest = FURTHEST_DUE if notice.attempts else COLLECTED_FOR
    return notice.due if notice.due <= now + furthest else now


def _goes_along(notice: Notice, head: Notice, place: _Place | None) -> bool:
    """Tell whether *notice* can be told in the same message as *head*."""
    if place is None or notice.batch != head.batch or notice.refused != head.refused:
        return notice.id == head.id
    if notice.destination.guild_id != head.destination.guild_id:
        return False
    if place.user_id and notice.subscriber != place.user_id:
        return False
    return notice.destination.channel_id != place.channel_id or notice.id == head.id


def writable(guild: discord.Guild, used: Sequence[Destination], *, but: int) -> Iterator[discord.TextChannel]:
    """Yield the channels of *guild* for a word to its managers, the best first; never the one *but*.

    The channel for the server's own messages; else one that papers are posted in; else any other, but none
    that announces or holds the rules.
    """
    receiving = {one.channel_id for one in used if one.state is State.ACTIVE}
    texts = [channel for channel in guild.text_channels if channel.id != but and _may_write(channel)]
    plain = [each for each in texts if not each.is_news() and each != guild.rules_channel]
    system = [each for each in texts if each == guild.system_channel]
    ordered = [*system, *(each for each in plain if each.id in receiving), *plain]
    yield from dict.fromkeys(ordered)


def _may_write(channel: discord.TextChannel) -> bool:
    rights = channel.permissions_for(channel.guild.me)
    return rights.view_channel and rights.send_messages
