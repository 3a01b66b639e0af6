"""Subscriptions as a YAML file that people can read, edit and move to another bot.

A missing key means the default, so a file fully describes its channels. Discord's identifiers are strings,
because they are too long for some YAML parsers. Reading reports every mistake with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import yaml

from bot.cli.progress import format_count
from bot.interactions.options import read_category
from bot.model.errors import BotError, QueryError, UserError
from bot.model.subscriptions import Deliver, Live, Notify, Options, QuietHours, Schedule, Style
from bot.query.query import Query, parse_stored, read_query
from bot.rules.choice import MOST_BEST
from bot.rules.quiet import read_hours
from bot.rules.schedules import read_days, read_zone
from bot.store.imports import ChannelEntry, SubscriptionEntry

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HEAD = "# Which channel gets which papers. Import: python -m bot subscriptions import FILE --dry-run\n"
_ROOM = frozenset(
    {
        "server",
        "channel",
        "person",
        "cap",
        "crosspost",
        "style",
        "live",
        "best",
        "notify",
        "quiet_hours",
        "digest",
        "subscriptions",
    }
)
_ENTRY = frozenset(
    {"keyword", "query", "deliver", "mention", "categories", "cross_lists", "revisions", "paused"}
)
_SCHEDULE = frozenset({"hour", "zone", "days", "quiet", "top", "file"})
_LARGEST = (1 << 63) - 1
_SHOWN = 20  # mistakes


def write(channels: Iterable[ChannelEntry], *, longest: int = 500) -> str:
    """Return *channels* as YAML; `read` turns it back into equal values if it has the same *longest*."""
    listed = [_from_channel(channel, longest) for channel in channels]
    return _HEAD + yaml.safe_dump({"channels": listed}, sort_keys=False, allow_unicode=True, width=100)


def _from_channel(channel: ChannelEntry, longest: int) -> dict[str, Any]:
    shown: dict[str, Any] = (
        {"person": str(channel.user_id)} if channel.user_id else {"server": str(channel.guild_id)}
    )
    shown["channel"] = str(channel.channel_id)
    if channel.cap is not None:
        shown["cap"] = channel.cap
    if not channel.crosspost:
        shown["crosspost"] = False
    if channel.style is not Style.COMPACT:
        shown["style"] = channel.style.value
    if channel.live is not Live.ALL:
        shown["live"] = channel.live.value
    if channel.best is not None:
        shown["best"] = channel.best
    if channel.notify is not Notify.ALL:
        shown["notify"] = channel.notify.value
    if channel.quiet_hours is not None:
        shown["quiet_hours"] = {"hours": str(channel.quiet_hours), "zone": channel.quiet_hours.zone}
    if channel.schedule is not None:
        shown["digest"] = _from_schedule(channel.schedule)
    shown["subscriptions"] = [_from_entry(entry, longest) for entry in channel.entries]
    return shown


def _from_schedule(schedule: Schedule) -> dict[str, Any]:
    days = ",".join(_DAYS[day] for day in sorted(schedule.days))
    asked = {"quiet": schedule.quiet, "top": schedule.top, "file": schedule.file}
    chosen = {name: True for name, wanted in asked.items() if wanted}
    return {"hour": schedule.hour, "zone": schedule.zone, "days": days} | chosen


def _from_entry(entry: SubscriptionEntry, longest: int) -> dict[str, Any]:
    options = entry.options
    shown: dict[str, Any] = {"keyword": entry.keyword}
    if not _reads_as(entry.keyword, entry.query, longest):
        shown["query"] = entry.query
    if options.deliver is not Deliver.LIVE:
        shown["deliver"] = options.deliver.value
    if options.role_id:
        shown["mention"] = str(options.role_id)
    if options.categories:
        shown["categories"] = list(options.categories)
    if not options.cross_lists:
        shown["cross_lists"] = False
    if options.revisions:
        shown["revisions"] = True
    if entry.paused:
        shown["paused"] = True
    return shown


def _reads_as(keyword: str, query: str, longest: int) -> bool:
    """Tell whether *keyword* alone is read as *query*; of what earlier versions accepted, not all is."""
    try:
        read = read_query(keyword, longest)
    except (QueryError, UserError):
        return False
    return (read.typed, read.canonical) == (keyword, query)


def read(text: str, *, name: str, longest: int = 500) -> list[ChannelEntry]:
    """Return the channels in *text*, the content of the file *name*.

    A keyword may have at most *longest* characters, unless its query is given too.

    Raises:
        UserError: *text* has mistakes, each on a line of the message: `FILE:12: the mistake`. Of more than
            twenty, it holds the first and how many others there are.
    """
    try:
        root = yaml.compose(text, _Loader)
    except _Alias as error:
        raise UserError(f"{name}:{error.line}: {error.problem}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{name}:{line}: this is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{name}: this is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise UserError(f"{name}: this is nested too deeply for a list of subscriptions") from None
    reader = _ExportReader(name, longest)
    channels = reader.channels(root) if root is not None else []
    if root is None:
        raise UserError(f"{name}:1: the file is empty")
    if mistakes := reader.mistakes():
        shown, more = mistakes[:_SHOWN], len(mistakes) - _SHOWN
        rest = [f"{name}: and {format_count(more, 'more mistake')}"] if more > 0 else []
        raise UserError("\n".join((*shown, *rest)))
    return channels


class _Alias(yaml.MarkedYAMLError):
    """An alias such as `*lab`, on the *line* with this number."""

    def __init__(self, anchor: str, line: int) -> None:
        super().__init__(problem=f"aliases such as *{anchor[:60]} are not allowed; write the value out")
        self.line = line


class _Loader(yaml.SafeLoader):
    """Refuses aliases, with which a small file can stand for a huge one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise _Alias(event.anchor, event.start_mark.line + 1)
        return super().compose_node(parent, index)


class _ExportReader:
    """Reads YAML nodes, which know their lines, and collects the mistakes in them."""

    def __init__(self, name: str, longest: int) -> None:
        self._name = name
        self._longest = longest
        self._mistakes: list[tuple[int, str]] = []

    def mistakes(self) -> list[str]:
        """Return a line for each mistake, in the order of the file."""
        ordered = sorted(self._mistakes, key=lambda mistake: mistake[0])
        return [f"{self._name}:{line}: {what}" for line, what in ordered]

    def channels(self, root: yaml.Node) -> list[ChannelEntry]:
        keys = [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
        if len(keys) > 1 and "channels" not in keys:
            self._wrong(root, "this is not a list of subscriptions: the key “channels” is missing")
            return []
        fields = self._fields(root, frozenset({"channels"}), required=("channels",))
        channels: list[ChannelEntry] = []
        listed: set[int] = set()
        for node in self._items(fields.get("channels")):
            channel = self._channel(node)
            if channel.channel_id and channel.channel_id in listed:
                self._wrong(node, f"channel {channel.channel_id} is listed twice")
            listed.add(channel.channel_id)
            channels.append(channel)
        return channels

    def _channel(self, node: yaml.Node) -> ChannelEntry:
        fields = self._fields(node, _ROOM, required=("channel", "subscriptions"))
        if isinstance(node, yaml.MappingNode) and ("server" in fields) == ("person" in fields):
            self._wrong(node, "a channel needs either a `server` or, for direct messages, a `person`")
        return ChannelEntry(
            guild_id=self._id(fields.get("server"), "server"),
            channel_id=self._id(fields.get("channel"), "channel"),
            user_id=self._id(fields.get("person"), "user"),
            cap=self._number(fields.get("cap"), least=0) or None,  # 0 restores the default, as in /channel
            crosspost=self._truth(fields.get("crosspost"), default=True),
            style=self._read(fields.get("style"), _style, default=Style.COMPACT),
            live=self._read(fields.get("live"), _live, default=Live.ALL),
            best=self._number(fields.get("best"), least=1, most=MOST_BEST),
            notify=self._read(fields.get("notify"), _notify, default=Notify.ALL),
            quiet_hours=self._quiet_hours(fields["quiet_hours"]) if "quiet_hours" in fields else None,
            schedule=self._schedule(fields["digest"], in_server="server" in fields)
            if "digest" in fields
            else None,
            entries=self._entries(fields.get("subscriptions"), in_server="server" in fields),
        )

    def _quiet_hours(self, node: yaml.Node) -> QuietHours | None:
        fields = self._fields(node, frozenset({"hours", "zone"}), required=("hours", "zone"))
        hours = self._read(fields.get("hours"), read_hours, default=None)
        zone = self._read(fields.get("zone"), read_zone, default="UTC")
        return QuietHours(hours[0], hours[1], zone) if hours else None

    def _schedule(self, node: yaml.Node, *, in_server: bool) -> Schedule:
        fields = self._fields(node, _SCHEDULE, required=("hour", "zone"))
        hour = self._number(fields.get("hour"), least=0, most=23) or 0
        top = self._truth(fields.get("top"), default=False)
        if top and not in_server:
            self._wrong(node, "what was saved most is counted in servers only")
        return Schedule(
            hour=hour,
            zone=self._read(fields.get("zone"), read_zone, default="UTC"),
            days=self._read(fields.get("days"), read_days, default=frozenset(range(7))),
            quiet=self._truth(fields.get("quiet"), default=False),
            top=top,
            file=self._truth(fields.get("file"), default=False),
        )

    def _entries(self, listed: yaml.Node | None, *, in_server: bool) -> tuple[SubscriptionEntry, ...]:
        entries: dict[str, SubscriptionEntry] = {}
        for node in self._items(listed):
            entry = self._entry(node)
            if entry.options.role_id and not in_server:
                self._wrong(node, "a role can only be mentioned in a server")
            if entry.query and entry.query in entries:
                self._wrong(node, f"“{entry.keyword}” is subscribed to twice in this channel")
            entries[entry.query] = entry
        return tuple(entries.values())

    def _entry(self, node: yaml.Node) -> SubscriptionEntry:
        fields = self._fields(node, _ENTRY, required=("keyword",))
        reading = partial(self._stored, fields["query"]) if "query" in fields else self._typed
        keyword = self._read(fields.get("keyword"), reading, default=None)
        categories = [
            self._read(each, read_category, default="") for each in self._items(fields.get("categories"))
        ]
        options = Options(
            deliver=self._read(fields.get("deliver"), _deliver, default=Deliver.LIVE),
            role_id=self._id(fields.get("mention"), "role"),
            categories=tuple(dict.fromkeys(categories)),
            cross_lists=self._truth(fields.get("cross_lists"), default=True),
            revisions=self._truth(fields.get("revisions"), default=False),
        )
        typed, canonical = (keyword.typed, keyword.canonical) if keyword else ("", "")
        return SubscriptionEntry(typed, canonical, options, self._truth(fields.get("paused"), default=False))

    def _typed(self, text: str) -> Query:
        return read_query(text, self._longest)

    def _stored(self, node: yaml.Node, keyword: str) -> Query | None:
        query: Query | None = self._read(node, lambda text: parse_stored(text, keyword), default=None)
        return query

    def _fields(
        self, node: yaml.Node, allowed: frozenset[str], required: Sequence[str]
    ) -> dict[str, yaml.Node]:
        """Return the values of a mapping by key."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"this must be a mapping with the keys {', '.join(sorted(allowed))}")
            return {}
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "…"
            if name not in allowed:
                self._wrong(key, f"unknown key “{name[:60]}”; the keys are {', '.join(sorted(allowed))}")
            elif name in fields:
                self._wrong(key, f"“{name}” is given twice")
            fields[name] = value
        for missing in (name for name in required if name not in fields):
            self._wrong(node, f"“{missing}” is missing")
        return fields

    def _items(self, node: yaml.Node | None) -> Iterator[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif node is not None:
            self._wrong(node, "this must be a list")

    def _read(self, node: yaml.Node | None, reading: Any, *, default: Any) -> Any:
        """Return the text of *node* parsed by *reading*, or *default* if it is missing or invalid."""
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, "this must be a string")
            return default
        try:
            return reading(node.value)
        except BotError as error:
            self._wrong(node, " ".join(str(error).replace("`", "").split()))
            return default

    def _id(self, node: yaml.Node | None, kind: str) -> int:
        """Return the identifier of a server, channel, user or role, which is *kind*; 0 if there is none."""
        if node is None:
            return 0
        digits = node.value if isinstance(node, yaml.ScalarNode) else ""
        if digits.isascii() and digits.isdigit() and len(digits) < 20 and 1 <= int(digits) <= _LARGEST:
            return int(digits)
        shown = f"“{digits[:60]}”" if digits else "this"
        self._wrong(node, f"{shown} is not the ID of a Discord {kind}, a number such as 1234567890123456789")
        return 0

    def _number(self, node: yaml.Node | None, *, least: int, most: int = _LARGEST) -> int | None:
        if node is None:
            return None
        digits = node.value if isinstance(node, yaml.ScalarNode) else ""
        if digits.isascii() and digits.isdigit() and len(digits) < 20 and least <= int(digits) <= most:
            return int(digits)
        span = f"from {least} to {most}" if most != _LARGEST else f"of at least {least}"
        self._wrong(node, f"“{str(node.value)[:60]}” is not a whole number {span}")
        return None

    def _truth(self, node: yaml.Node | None, *, default: bool) -> bool:
        if node is None:
            return default
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:bool":
            return node.value.lower() in {"true", "yes", "on"}
        self._wrong(node, "this must be true or false")
        return default

    def _wrong(self, node: yaml.Node, what: str) -> None:
        self._mistakes.append((node.start_mark.line + 1, what))


def _deliver(text: str) -> Deliver:
    try:
        return Deliver(text)
    except ValueError as error:
        raise UserError(f"“{text[:60]}” is not one of {', '.join(Deliver)}") from error


def _live(text: str) -> Live:
    try:
        return Live(text)
    except ValueError as error:
        raise UserError(f"“{text[:60]}” is not one of {', '.join(Live)}") from error


def _notify(text: str) -> Notify:
    try:
        return Notify(text)
    except ValueError as error:
        raise UserError(f"“{text[:60]}” is not one of {', '.join(Notify)}") from error


def _style(text: str) -> Style:
    try:
        return Style(text)
    except ValueError as error:
        raise UserError(f"“{text[:60]}” is not one of {', '.join(Style)}") from error
