"""Notifies managers, once, of channels that stopped getting papers.

The message goes to another channel of the server, or else privately to the person who subscribed. Notices of
one server become one message. A message is claimed in the store before it is sent, together with its
recipient. An attempt in doubt is repeated for the same recipient with the same nonce, so that no crash makes
two messages. If nobody can be notified, `/status` shows what stopped, and there is no further attempt.
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
from bot.delivery.attempt import Attempts, judge, refusal_in
from bot.delivery.http_trace import watched
from bot.delivery.messages import notice_message, notice_nonce
from bot.delivery.unreadable import UnreadableAnswer, reading
from bot.model.outbox import Notice
from bot.model.outcomes import FURTHEST_DUE, Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present import audience
from bot.present.notices import notice_head, notice_text
from bot.present.reasons import reason_in_english
from bot.store import Store
from bot.store.notices import COLLECTED_FOR

_log = logging.getLogger(__name__)

_IDLE = 3600.0  # seconds
_NOT_YET = 30.0  # seconds until Discord has probably sent the servers
_CHANNELS_TRIED = 2
_CLOCK_WRONG_BY = timedelta(days=1)  # at most


@dataclass(frozen=True, slots=True)
class _Recipient:
    """A channel of the server or, with `user_id`, a person."""

    channel_id: int = 0
    user_id: int = 0

    @property
    def id(self) -> int:
        return self.channel_id or self.user_id


class NoticeSender:
    """Sends the notices of *store* as *bot*; `run` is the body of a job.

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
        """Send the due notices; return the seconds until the next one is due."""
        if not self._bot.is_ready():
            return _NOT_YET
        while waiting := await self._store.notices.waiting():
            now = self._clock()
            due = [notice for notice in waiting if _due(notice, now) <= now and self._is_available(notice)]
            if not due:
                wait = min(_due(notice, now) for notice in waiting) - now
                return min(_IDLE, max(_NOT_YET, wait.total_seconds()))
            if not await self._notify(due[0], waiting):
                break
        return _IDLE

    def _is_available(self, notice: Notice) -> bool:
        """Tell whether the server's channels are known: the bot is still in it, and it has no outage."""
        guild = self._bot.get_guild(notice.destination.guild_id)
        return guild is not None and not guild.unavailable

    async def _notify(self, head: Notice, waiting: Sequence[Notice]) -> bool:
        """Send *head* with all of *waiting* that fit into its message; False if sending is over."""
        now = self._clock()
        if head.batch and (head.channel_id or head.user_id):
            recipient: _Recipient | None = _Recipient(head.channel_id, head.user_id)
            batch = [notice for notice in waiting if notice.batch == head.batch]
        else:
            recipient = next(iter(await self._recipients(head)), None)
            batch = [notice for notice in waiting if _shares_message(notice, head, recipient)]
        if recipient is None:
            why = reason_in_english(head.reason)
            _log.warning("server %d: nobody could be notified: %s", head.destination.guild_id, why)
            await self._store.notices.settle([head], Fail(Reason(ReasonCode.NO_RECIPIENT)), now)
            return True
        if not await self._store.notices.claim(
            batch, now, channel_id=recipient.channel_id, user_id=recipient.user_id
        ):
            return True  # one of them was taken back meanwhile; the next pass of `run` handles the rest
        attempt = await self._attempts.make(
            partial(self._post, head, batch, recipient), release=partial(self._release, head, batch)
        )
        if attempt is None:
            return False
        outcome = judge(
            attempt,
            number=head.attempts + 1,
            plain=True,
            in_doubt=head.ambiguous,
            chance=self._chance,
            nonce_only=True,
        )
        _log_outcome(outcome, recipient, len(batch))
        await self._store.notices.settle(batch, outcome, self._clock(), place=recipient.id)
        return True

    async def _release(self, head: Notice, batch: Sequence[Notice]) -> None:
        """Take the claim of *batch* back, unless an earlier attempt may have posted it."""
        if not head.ambiguous:
            later = Later(timedelta(), Reason(ReasonCode.TOKEN_REFUSED))
            await self._store.notices.settle(batch, later, self._clock())

    async def _post(
        self, head: Notice, batch: Sequence[Notice], recipient: _Recipient
    ) -> discord.abc.Snowflake:
        with i18n.in_language(audience.of_server(self._bot, head.destination.guild_id)):
            text = notice_text(batch, here=not recipient.user_id)
        heads = []
        for language in i18n.languages():  # an earlier attempt may have used another
            with i18n.in_language(language):
                heads.append(notice_head(batch, here=not recipient.user_id))
        if recipient.user_id:
            channel: discord.abc.Messageable = await self._conversation(recipient.user_id)
        else:
            channel = self._bot.get_partial_messageable(recipient.channel_id)
        outgoing = notice_message(text, heads)
        if head.ambiguous and head.first_tried is not None:
            # Notices are rare, so the earlier message is looked for whether or not Discord knows the nonce. A
            # message that is much older than that attempt is about another stop.
            after = discord.Object(discord.utils.time_snowflake(head.first_tried - _CLOCK_WRONG_BY))
            earlier = await post_history.find_earlier(
                self._bot, channel, outgoing, after=after, tried=head.first_tried
            )
            if earlier is not None:
                return earlier
        mark = notice_nonce(self._store.installation, head.batch or head.id)
        return await channel.send(outgoing.content, allowed_mentions=outgoing.mentions, nonce=mark)

    async def _conversation(self, user_id: int) -> discord.DMChannel:
        """Open the direct messages with a person, which posts nothing: it says nothing about the notice."""
        with watched() as watch:
            try:
                with reading():
                    return await self._bot.create_dm(discord.Object(user_id))
            except UnreadableAnswer as error:
                if watch.refused:
                    raise refusal_in(watch) from error
                raise

    async def _recipients(self, notice: Notice) -> list[_Recipient]:
        """Return those who can be notified of *notice*, the best first."""
        recipients: list[_Recipient] = []
        guild = self._bot.get_guild(notice.destination.guild_id)
        if guild is not None and len(notice.refused) < _CHANNELS_TRIED:
            used = await self._store.destinations.of_guild(guild.id)
            channels = notice_channels(guild, used, but=notice.destination.channel_id)
            recipients += [_Recipient(channel_id=channel.id) for channel in channels]
        if notice.subscriber:
            recipients.append(_Recipient(user_id=notice.subscriber))
        return [recipient for recipient in recipients if recipient.id not in notice.refused]


def _log_outcome(outcome: Outcome, recipient: _Recipient, count: int) -> None:
    match outcome:
        case Sent():
            _log.info("notified %d that %d channels stopped", recipient.id, count)
        case Pause(reason) | Later(_, reason):
            _log.info(
                "could not notify %d; trying again, or elsewhere: %s", recipient.id, reason_in_english(reason)
            )
        case Fail(reason) | Plainly(reason):
            _log.error("could not compose a notice: %s", reason_in_english(reason))


def _due(notice: Notice, now: datetime) -> datetime:
    """Return when *notice* is due: at once if it was written or delayed while the clock was ahead."""
    furthest = FURTHEST_DUE if notice.attempts else COLLECTED_FOR
    return notice.due if notice.due <= now + furthest else now


def _shares_message(notice: Notice, head: Notice, recipient: _Recipient | None) -> bool:
    """Tell whether *notice* fits into the message of *head* to *recipient*."""
    if recipient is None or notice.batch != head.batch or notice.refused != head.refused:
        return notice.id == head.id
    if notice.destination.guild_id != head.destination.guild_id:
        return False
    if recipient.user_id and notice.subscriber != recipient.user_id:
        return False
    return notice.destination.channel_id != recipient.channel_id or notice.id == head.id


def notice_channels(
    guild: discord.Guild, used: Sequence[Destination], *, but: int
) -> Iterator[discord.TextChannel]:
    """Yield the channels of *guild* for a notice to its managers, the best first, without the channel *but*.

    The best is the channel for the server's system messages, then one of *used* that gets papers, then any
    other. Of these, announcement channels and the rules channel are left out.
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
