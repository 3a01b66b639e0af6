"""`subscriptions export` and `import`: channel settings and subscriptions, to a file and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from bot.cli import opml, yaml_format
from bot.cli.notes import notes_on
from bot.cli.progress import format_count
from bot.cli.stored import stored_subscriptions
from bot.cli.terminal import tell
from bot.config import Settings
from bot.model.errors import FileError, UserError
from bot.model.subscriptions import State, Subscription
from bot.present.markdown import clean
from bot.query.query import Query, parse_stored
from bot.rules.schedules import write_days
from bot.store import Store
from bot.store.address import database_file, database_name
from bot.store.files import Replacement
from bot.store.imports import ChannelEntry, SubscriptionEntry

_KEYWORD = 60


async def export(settings: Settings, file: Path | None, *, as_opml: bool) -> str:
    """Write all subscriptions to *file* and say so on stderr; without *file*, return them as text.

    Deleted channels are left out.

    Raises:
        FileError: there is no database, or *file* cannot be written; *file* is unchanged.
    """
    path = database_file(settings.database.url)
    if (
        path is not None and not path.exists()
    ):  # run in the wrong folder: an empty export would replace a good one
        raise FileError(f"There is no database {path} to export from; check database.url.")
    channels = channels_of(await stored_subscriptions(settings.database.url))
    if as_opml:
        text = opml.write(channels, datetime.now(UTC))
    else:
        text = yaml_format.write(channels, longest=settings.limits.query_length)
    if file is None:
        return text
    with Replacement(file) as replacement:
        replacement.write(text)
    held = format_count(sum(len(channel.entries) for channel in channels), "subscription")
    tell(f"wrote {format_count(len(channels), 'channel')}, {held} to {file}")
    return ""


async def import_file(settings: Settings, file: Path, *, dry_run: bool) -> str:
    """Apply *file* to the database, all of it or nothing; return the changes as lines.

    Subscriptions that *file* does not mention stay.

    Raises:
        FileError: *file* cannot be read.
        UserError: *file* has mistakes, one on each line of the message; nothing has changed.
    """
    text = await asyncio.to_thread(_content, file)
    channels = yaml_format.read(text, name=str(file), longest=settings.limits.query_length)
    path = database_file(settings.database.url)
    known: dict[int, ChannelEntry] = {}
    if existed := path is None or path.exists():
        stored = await stored_subscriptions(settings.database.url)
        known = {channel.channel_id: channel for channel in channels_of(stored)}
    _refuse_foreign(channels, known, file)
    for note in dict.fromkeys(notes_on(_new_queries(channels, known))):
        tell(note)
    lines = [line for channel in channels for line in _changes(channel, known.get(channel.channel_id))]
    if lines and not dry_run:
        async with await Store.open(settings.database.url) as store:
            await store.imports.apply(channels, datetime.now(UTC))
        tell(f"imported into {database_name(settings.database.url)}{'' if existed else ', a new database'}")
    if not lines:
        lines = ["The database already matches the file."]
    elif dry_run:
        lines.append("Nothing was changed: this was a dry run.")
    return "".join(f"{line}\n" for line in lines)


def _new_queries(channels: Sequence[ChannelEntry], known: Mapping[int, ChannelEntry]) -> list[Query]:
    """Return the queries of the subscriptions in *channels* that are not *known*."""
    stored = {(one.channel_id, entry.query) for one in known.values() for entry in one.entries}
    return [
        parse_stored(entry.query, entry.keyword)
        for channel in channels
        for entry in channel.entries
        if (channel.channel_id, entry.query) not in stored
    ]


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "not UTF-8"
        raise FileError(f"{file} cannot be read ({reason}).") from error


def channels_of(subscriptions: Iterable[Subscription]) -> list[ChannelEntry]:
    """Return the channels of *subscriptions* that still exist, by server, each with its subscriptions."""
    kept = [one for one in subscriptions if one.destination.state is not State.GONE]
    kept.sort(key=lambda one: (one.destination.guild_id, one.destination.channel_id, one.id))
    channels = []
    for destination, group in groupby(kept, key=lambda one: one.destination):
        channels.append(
            ChannelEntry(
                guild_id=destination.guild_id,
                channel_id=destination.channel_id,
                user_id=destination.user_id,
                cap=destination.cap,
                crosspost=destination.crosspost,
                style=destination.style,
                live=destination.live,
                best=destination.best,
                notify=destination.notify,
                quiet_hours=destination.quiet_hours,
                schedule=destination.schedule,
                entries=tuple(map(_entry, group)),
            )
        )
    return channels


def _entry(one: Subscription) -> SubscriptionEntry:
    return SubscriptionEntry(one.keyword, one.query, one.options, one.state is State.PAUSED)


def _refuse_foreign(channels: Sequence[ChannelEntry], known: Mapping[int, ChannelEntry], file: Path) -> None:
    """Raise `UserError` for channels that the database assigns to another server or person."""
    wrong = [
        f"{file}: channel {channel.channel_id} belongs to another server or person in this database"
        for channel in channels
        if (stored := known.get(channel.channel_id))
        and (stored.guild_id, stored.user_id) != (channel.guild_id, channel.user_id)
    ]
    if wrong:
        raise UserError("\n".join(wrong))


def _changes(channel: ChannelEntry, before: ChannelEntry | None) -> Iterator[str]:
    """Yield a line for each change that *channel* makes: `+` for a new subscription, `~` for a new value."""
    where = f"channel {channel.channel_id}"
    base = before or ChannelEntry(channel.guild_id, channel.channel_id, channel.user_id)
    for name, old, new in _settings(base, channel):
        yield f"~ {where}: {name}: {old} → {new}"
    known = {entry.query: entry for entry in base.entries}
    for entry in channel.entries:
        keyword = _short(entry.keyword)
        old_entry = known.get(entry.query)
        if old_entry is None:
            yield f"+ {where}: “{keyword}”, {_in_words(entry)}"
        elif old_entry != entry:
            yield f"~ {where}: “{keyword}”: {_in_words(old_entry)} → {_in_words(entry)}"


def _settings(old: ChannelEntry, new: ChannelEntry) -> Iterator[tuple[str, str, str]]:
    if old.cap != new.cap:
        yield "cap", str(old.cap or "default"), str(new.cap or "default")
    if old.crosspost != new.crosspost:
        yield "crosspost", "yes" if old.crosspost else "no", "yes" if new.crosspost else "no"
    if old.style is not new.style:
        yield "style", old.style.value, new.style.value
    if old.live is not new.live:
        yield "live", old.live.value, new.live.value
    if old.best != new.best:
        yield "best", str(old.best or "default"), str(new.best or "default")
    if old.notify is not new.notify:
        yield "notify", old.notify.value, new.notify.value
    if old.quiet_hours != new.quiet_hours:
        yield "quiet_hours", _hours(old), _hours(new)
    if old.schedule != new.schedule:
        yield "digest", _schedule(old), _schedule(new)


def _hours(channel: ChannelEntry) -> str:
    hours = channel.quiet_hours
    return f"{hours} {hours.zone}" if hours else "none"


def _schedule(channel: ChannelEntry) -> str:
    schedule = channel.schedule
    if schedule is None:
        return "none"
    parts = [f"{write_days(schedule.days)} at {schedule.hour:02}:00 {schedule.zone}"]
    if schedule.quiet:
        parts.append("with a note on quiet days")
    if schedule.top:
        parts.append("with what was saved most")
    if schedule.file:
        parts.append("with a file")
    return ", ".join(parts)


def _in_words(entry: SubscriptionEntry) -> str:
    options = entry.options
    parts = [options.deliver.value]
    if options.role_id:
        parts.append(f"mentioning {options.role_id}")
    if options.categories:
        crossed = "" if options.cross_lists else " without cross-lists"
        parts.append(f"in {','.join(options.categories)}{crossed}")
    elif not options.cross_lists:
        parts.append("without cross-lists")
    if options.revisions:
        parts.append("with revisions")
    return ", ".join([*parts, *["paused"] * entry.paused])


def _short(keyword: str) -> str:
    shown = clean(keyword)
    return shown if len(shown) <= _KEYWORD else f"{shown[: _KEYWORD - 1]}…"
