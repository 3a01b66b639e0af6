"""Everything that a person can do with the bot: what it needs, and in which ways it concerns a channel.

`everything_in` reads from a running bot what there is. `DEEDS` has an entry for each.
"""

from __future__ import annotations

import enum
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from discord import app_commands

import bot.interactions
from bot.query.alternatives import Alternative
from bot.runtime.client import PaperBot
from tests.rights.attempts import Attempt, click, command, typing
from tests.rights.cast import ADDED, PAPER, Subject

_PAPER = f"2607.{PAPER:05d}"
_ADDED = f"2607.{ADDED:05d}"
_OTHER = "2607.00005"
_MODULES = list(pkgutil.iter_modules(bot.interactions.__path__))
_CHOICES = re.compile(r"\(\?P<(?:action|answer|decision)>([\w|-]+)\)")


class Needs(enum.Enum):
    """What somebody needs in a channel to do something about it."""

    TO_SEE = "see"
    TO_MANAGE = "manage"
    NEVER = "never"  # it concerns no channel, or that alone where it is done


@dataclass(frozen=True)
class Deed:
    """Something to do; *ways* returns each way in which it can concern a channel.

    With *posts*, the bot must be able to post there, so nobody can do it about a deleted channel.
    """

    needs: Needs
    ways: Callable[[Subject], list[Attempt]]
    posts: bool = False


def everything_in(running: PaperBot) -> set[str]:
    """Return the names of all commands, autocompletes, menus, components and forms that *running* answers."""
    return {*_commands(running), *_components(running), *_forms(running)}


def _commands(running: PaperBot) -> Iterator[str]:
    for each in running.tree.walk_commands():
        if isinstance(each, app_commands.Command):
            yield f"/{each.qualified_name}"
            yield from (f"/{each.qualified_name} {one.name}…" for one in each.parameters if one.autocomplete)
    for menu in running.tree._context_menus.values():
        yield f"menu {menu.name}"


def _components(running: PaperBot) -> Iterator[str]:
    for pattern, item in running._connection._view_store._dynamic_items.items():
        choices = _CHOICES.search(pattern.pattern)
        for choice in choices[1].split("|") if choices else [""]:
            yield f"component {item.__name__} {choice}".rstrip()


def _forms(running: PaperBot) -> Iterator[str]:
    """Yield the forms: each is a pattern that is called `…FORM`, and a cog listens to its answers."""
    modules = [importlib.import_module(f"bot.interactions.{each.name}") for each in _MODULES]
    patterns = {
        value.pattern
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("FORM") and isinstance(value, re.Pattern)
    }
    listeners = [cog for cog in running.cogs.values() if "on_interaction" in dict(cog.get_listeners())]
    assert len(patterns) == len(listeners), "a form has another name, or is answered by no cog"
    yield from (f"form {pattern.split(':')[1]}" for pattern in patterns)


def _named(name: str, /, *, channel_only: bool = False, **options: Any) -> Callable[[Subject], list[Attempt]]:
    """Return the ways of a command with the option `channel`: with it, and (for all channels) without."""

    def ways(subject: Subject) -> list[Attempt]:
        here = [] if channel_only else [command(name, **options)]
        return [*here, *([command(name, **options, channel=subject.channel)] if subject.can_be_named else [])]

    return ways


def _with_keyword(name: str) -> Callable[[Subject], list[Attempt]]:
    def ways(subject: Subject) -> list[Attempt]:
        if not subject.can_be_named:
            return []
        words = ("", subject.keyword, str(subject.subscription))
        return [
            command(name, typed=(subject.keyword,) if word else (), keyword=word, channel=subject.channel)
            for word in words
        ]

    return ways


def _typed_keyword(name: str) -> Callable[[Subject], list[Attempt]]:
    return lambda subject: (
        [typing(name, "keyword", subject.keyword[:2], channel=subject.channel)]
        if subject.can_be_named
        else []
    )


def _clicked(*identifiers: str) -> Callable[[Subject], list[Attempt]]:
    """Return the ways of a component, whose identifiers have the fields of a subject in braces."""
    return lambda subject: [click(each.format(**vars(subject))) for each in identifiers]


def _same(*attempts: Attempt) -> Callable[[Subject], list[Attempt]]:
    return lambda _: list(attempts)


def _edit(subject: Subject) -> list[Attempt]:
    filled = {"keyword": ["other words"], "deliver": ["live"], "categories": ["cs.CL"], "also": ["revisions"]}
    return [Attempt(custom_id=f"papers:edit:{subject.subscription}:0:0", fields=filled)]


_SEARCH = "newest::7:0"
_SEE, _MANAGE, _NEVER = Needs.TO_SEE, Needs.TO_MANAGE, Needs.NEVER

DEEDS: dict[str, Deed] = {
    "/subscribe": Deed(_MANAGE, _named("subscribe", channel_only=True, keyword="speech synthesis")),
    "/subscribe keyword…": Deed(
        _SEE,
        lambda subject: [typing("subscribe", "keyword", text) for text in ("", subject.keyword[:2])],
    ),
    "/subscribe categories…": Deed(_NEVER, _same(typing("subscribe", "categories", "cs"))),
    "/follow author categories…": Deed(_NEVER, _same(typing("follow author", "categories", "cs"))),
    "/unsubscribe": Deed(
        _MANAGE,
        lambda subject: [
            command("unsubscribe", typed=(subject.keyword,), subscription=text)
            for text in (subject.keyword, str(subject.subscription), subject.keyword[:4])
        ],
    ),
    "/unsubscribe subscription…": Deed(
        _MANAGE,
        lambda subject: [typing("unsubscribe", "subscription", text) for text in ("", subject.keyword[:2])],
    ),
    "/subscriptions": Deed(_SEE, _named("subscriptions")),
    "/follow author": Deed(_NEVER, _named("follow author", name="Ada Author5")),
    "/channel": Deed(_MANAGE, _named("channel", channel_only=True, cap=3)),
    "/channel zone…": Deed(_NEVER, _same(typing("channel", "zone", "Ber"))),
    "/digest schedule": Deed(
        _MANAGE, _named("digest schedule", channel_only=True, hour=9, zone="Europe/Berlin")
    ),
    "/digest schedule zone…": Deed(_NEVER, _same(typing("digest schedule", "zone", "Ber"))),
    "/digest schedule days…": Deed(_NEVER, _same(typing("digest schedule", "days", "mon"))),
    "/digest off": Deed(_MANAGE, _named("digest off", channel_only=True)),
    "/digest show": Deed(_SEE, _with_keyword("digest show")),
    "/digest show keyword…": Deed(_SEE, _typed_keyword("digest show")),
    "/digest markdown": Deed(_SEE, _with_keyword("digest markdown")),
    "/digest markdown keyword…": Deed(_SEE, _typed_keyword("digest markdown")),
    "/why": Deed(_SEE, _named("why", paper=_PAPER)),
    "/status": Deed(_SEE, _same(command("status"))),
    "/help": Deed(_NEVER, _same(command("help"))),
    "/search": Deed(_NEVER, _same(command("search", query="speech"))),
    "/search category…": Deed(_NEVER, _same(typing("search", "category", "cs"))),
    "/paper": Deed(_NEVER, _same(command("paper", paper=_PAPER))),
    "/library show": Deed(_NEVER, _same(command("library show"))),
    "/library export": Deed(_NEVER, _same(command("library export"))),
    "/library note": Deed(_NEVER, _same(command("library note", paper=_PAPER, text="mine"))),
    "/library note paper…": Deed(_NEVER, _same(typing("library note", "paper"))),
    "/library remove": Deed(_NEVER, _same(command("library remove", paper=_PAPER))),
    "/library remove paper…": Deed(_NEVER, _same(typing("library remove", "paper"))),
    "/similar": Deed(_NEVER, _same(command("similar", paper=_PAPER))),
    "menu Similar arXiv papers": Deed(_NEVER, _same(Attempt(menu="Similar arXiv papers"))),
    "component MoreLikeThis": Deed(_NEVER, _clicked(f"papers:similar:{_PAPER}")),
    "component SubscribeToSimilar": Deed(_NEVER, _clicked(f"papers:like:{_PAPER}")),
    "form similar-form": Deed(
        _NEVER, _same(Attempt(custom_id="papers:similar-form:", fields={"query": ["speech"]}))
    ),
    "/top": Deed(
        _SEE,
        lambda subject: [
            command("top"),
            command("top", where="server"),
            *_named("top", channel_only=True)(subject),
        ],
    ),
    "/library import": Deed(_NEVER, _same(command("library import", file=("a.bib", _PAPER.encode())))),
    "/interests show": Deed(_SEE, _named("interests show", channel_only=True)),
    "/interests add": Deed(_MANAGE, _named("interests add", channel_only=True, paper=_PAPER)),
    "/interests remove": Deed(_MANAGE, _named("interests remove", channel_only=True, paper=_ADDED)),
    "/interests reset": Deed(_MANAGE, _named("interests reset", channel_only=True)),
    "/privacy export": Deed(_NEVER, _same(command("privacy export"))),
    "/privacy saves": Deed(_NEVER, _same(command("privacy saves", count=False))),
    "/privacy erase": Deed(_NEVER, _same(command("privacy erase"))),
    "menu Show arXiv papers": Deed(_NEVER, _same(Attempt(menu="Show arXiv papers"))),
    "menu Save arXiv papers": Deed(_NEVER, _same(Attempt(menu="Save arXiv papers"))),
    "component TurnList": Deed(
        _SEE,
        _clicked("papers:listing:0:0:back", "papers:listing:{channel}:0:next", "papers:listing:0:7:last"),
    ),
    "component PickSubscription": Deed(
        _SEE,
        lambda subject: [
            Attempt(custom_id=f"papers:pick:{channel}:0", values=(str(subject.subscription),))
            for channel in (0, subject.channel)
        ],
    ),
    **{
        f"component ChangeSubscription {action}": Deed(
            _MANAGE,
            _clicked(
                f"papers:panel:{action}:{{subscription}}:0:0",
                f"papers:panel:{action}:{{subscription}}:{{channel}}:0",
            ),
            posts=action in {"resume", "test"},
        )
        for action in ("pause", "resume", "edit", "test", "remove")
    },
    "component ChangeSubscription undo": Deed(_MANAGE, _clicked("papers:panel:undo:{removed}:0:0")),
    "component Undo": Deed(
        _MANAGE,
        _clicked(
            "papers:undo:{subscription}:",
            "papers:undo:{subscription}:digest10:0:cs.CL",
            "papers:undo:{subscription}:+0",
        ),
    ),
    "component DigestInstead": Deed(_MANAGE, _clicked("papers:digest-instead:{subscription}")),
    **{
        f"component ChooseArrival {choice}": Deed(
            _MANAGE, _clicked(f"papers:arrive:{choice}:{{subscription}}"), posts=True
        )
        for choice in ("best", "digest", "all")
    },
    "component ShowQuery": Deed(_SEE, _clicked("papers:query:{subscription}")),
    "component SubscribeInstead": Deed(
        _MANAGE, _clicked(*(f"papers:instead:{each}:{{subscription}}" for each in Alternative)), posts=True
    ),
    "component FollowAuthor": Deed(
        _MANAGE, _clicked("papers:follow:{channel}:live:0", "papers:follow:s{subscription}"), posts=True
    ),
    "component NarrowAuthor": Deed(
        _NEVER,
        lambda subject: [
            Attempt(custom_id=f"papers:narrow:{target}:Bob Writer", values=("all",))
            for target in (f"{subject.channel}:live:0", f"s{subject.subscription}")
        ],
    ),
    "component PreviewAuthor": Deed(
        _NEVER,
        _clicked("papers:author:{channel}:live:0:Bob Writer", "papers:author:s{subscription}:Bob Writer"),
    ),
    "component PickAuthor": Deed(_NEVER, _same(Attempt(custom_id=f"papers:authors:{_PAPER}", values=("1",)))),
    "component SearchInstead": Deed(
        _NEVER,
        _clicked(*(f"papers:search-instead:{each}:{_SEARCH.removesuffix(':0')}" for each in Alternative)),
    ),
    "component SearchThat": Deed(_NEVER, _clicked("papers:spelt:newest::7:0-speech")),
    "component SubscribeToThat": Deed(_MANAGE, _clicked("papers:meant:{subscription}:0-speech"), posts=True),
    "component DigestTurn": Deed(
        _SEE, _clicked("papers:digest:{channel}:0:0:next", "papers:digest:{channel}:{subscription}:0:back")
    ),
    "component IssueTurn": Deed(_NEVER, _clicked("papers:issue:{channel}:digest:2026-07-24:0:next")),
    **{
        f"component Decide {decision}": Deed(_MANAGE, _clicked(f"papers:held:{{destination}}:{decision}"))
        for decision in ("post", "digest", "drop")
    },
    "component TurnResults": Deed(_NEVER, _clicked(f"papers:search:{_SEARCH}:next")),
    "component JumpToPage": Deed(_NEVER, _clicked(f"papers:jump:{_SEARCH}:6")),
    "component OpenPaper": Deed(_NEVER, _same(Attempt(custom_id="papers:open:0", values=(_OTHER,)))),
    "component OpenHere": Deed(_NEVER, _same(Attempt(custom_id="papers:open-here:0", values=(_OTHER,)))),
    "component SavePapers": Deed(_NEVER, _same(Attempt(custom_id="papers:save-some:0", values=(_OTHER,)))),
    "component PickPaper": Deed(_NEVER, _same(Attempt(custom_id="papers:found:0", values=(_OTHER,)))),
    "component SubscribeHere": Deed(_NEVER, _clicked("papers:subscribe:", "papers:subscribe:cs.CL")),
    "component Abstract": Deed(_NEVER, _clicked(f"papers:abstract:{_PAPER}")),
    "component Save": Deed(_NEVER, _clicked(f"papers:save:{_PAPER}")),
    "component TakeBack": Deed(_NEVER, _clicked(f"papers:unsave:{_PAPER}")),
    "component Annotate": Deed(_NEVER, _clicked(f"papers:annotate:{_PAPER}")),
    "component MyList": Deed(_NEVER, _clicked("papers:mylist")),
    "component Bibtex": Deed(_NEVER, _clicked(f"papers:bibtex:{_PAPER}")),
    "component Discuss": Deed(_NEVER, _clicked(f"papers:discuss:{_PAPER}")),
    "component DiscussHere": Deed(_NEVER, _clicked(f"papers:thread:{_PAPER}")),
    "component ShowTop": Deed(
        _SEE,
        _clicked("papers:top:week:server", "papers:top:month:server", "papers:top:week:channel:{channel}"),
    ),
    "component LessLikeThis": Deed(_NEVER, _clicked(f"papers:less:{_PAPER}")),
    "component TakeBackLess": Deed(_NEVER, _clicked(f"papers:unless:{_PAPER}")),
    "component ShowSources": Deed(_SEE, _clicked("papers:sources:{channel}")),
    **{
        f"component ChangeInterest {action}": Deed(_MANAGE, _clicked(f"papers:interest:{action}:{{channel}}"))
        for action in ("reset", "forget")
    },
    # A form tells nothing of the channel; who may not change its interest may not send it.
    "component ChangeInterest add": Deed(_NEVER, _clicked("papers:interest:add:{channel}")),
    "component LibrarySearchTurn": Deed(_NEVER, _clicked("papers:library-search:speech:0:next")),
    "component LibraryTurn": Deed(_NEVER, _clicked("papers:library::0:next")),
    "component EraseMe yes": Deed(_NEVER, _clicked("papers:erase:yes")),
    "component EraseMe no": Deed(_NEVER, _clicked("papers:erase:no")),
    "form edit": Deed(_MANAGE, _edit),
    "form note": Deed(_NEVER, _same(Attempt(custom_id=f"papers:note:{_PAPER}", fields={"text": ["mine"]}))),
    "form interest-form": Deed(
        _MANAGE,
        lambda subject: [
            Attempt(custom_id=f"papers:interest-form:{subject.channel}", fields={"papers": [_PAPER]})
        ],
    ),
    "form jumped": Deed(
        _NEVER, _same(Attempt(custom_id=f"papers:jumped:{_SEARCH}:6", fields={"number": ["2"]}))
    ),
}
