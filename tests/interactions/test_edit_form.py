"""The form that edits a subscription: what it shows, what may stay empty, what its answer asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.interactions.edit_form import FORM, form_of, read_form
from bot.interactions.subscriptions import ListPage
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Destination, Options, Subscription

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
SERVER = Destination(id=1, guild_id=10, channel_id=20, user_id=0)
CONVERSATION = Destination(id=2, guild_id=0, channel_id=30, user_id=40)
OPTIONS = Options(
    deliver=Deliver.BOTH, role_id=77, categories=("cs.CL", "stat"), cross_lists=False, revisions=True
)


def fields(
    options: Options = OPTIONS, destination: Destination = SERVER, longest: int = 500
) -> dict[str, Any]:
    """Return the fields of a form by their identifiers, as Discord gets them."""
    subscription = Subscription(
        id=5,
        destination=destination,
        keyword="speech",
        query="all:speech",
        options=options,
        since=None,
        created_at=NOW,
    )
    form = form_of(subscription, page=ListPage(20, 3), longest=longest)
    sent = form.to_dict()
    assert FORM.fullmatch(sent["custom_id"])
    return {label["component"]["custom_id"]: label["component"] for label in sent["components"]}


async def test_the_form_holds_the_present_values() -> None:
    shown = fields()
    assert shown["keyword"]["value"] == "speech"
    assert shown["categories"]["value"] == "cs.CL,stat"
    assert shown["role"]["default_values"] == [{"id": "77", "type": "role"}]
    assert chosen(shown["deliver"]) == ["both"]
    assert chosen(shown["also"]) == ["revisions"]


def chosen(menu: dict[str, Any]) -> list[str]:
    return [option["value"] for option in menu["options"] if option["default"]]


async def test_only_keyword_and_delivery_must_be_filled_in() -> None:
    shown = fields(Options())
    assert {name for name, field in shown.items() if field.get("required", True)} == {"keyword", "deliver"}
    may_be_empty = {name: (shown[name]["min_values"], shown[name]["max_values"]) for name in ("role", "also")}
    assert may_be_empty == {"role": (0, 1), "also": (0, 2)}
    assert not shown["role"].get("default_values")


async def test_a_conversation_has_no_role_to_mention() -> None:
    assert "role" not in fields(destination=CONVERSATION)


@pytest.mark.parametrize(("longest", "allowed"), [(500, 500), (4_000, 4_000), (9_000, 4_000)])
async def test_a_keyword_is_as_long_as_settings_and_discord_allow(longest: int, allowed: int) -> None:
    assert fields(longest=longest)["keyword"]["max_length"] == allowed


STATE = {"id": "5", "channel": "20", "page": "3"}


@pytest.mark.parametrize(
    ("filled", "options"),
    [
        ({}, Options(cross_lists=False)),
        ({"also": ["cross_lists", "revisions"]}, Options(revisions=True)),
        ({"deliver": ["digest"], "role": ["77"]}, Options(Deliver.DIGEST, role_id=77, cross_lists=False)),
        ({"categories": ["cs.CL, stat"]}, Options(categories=("cs.CL", "stat"), cross_lists=False)),
        ({"deliver": [], "role": [], "categories": [""], "also": []}, Options(cross_lists=False)),
    ],
)
def test_an_answer_asks_for_what_is_in_it(filled: dict[str, list[str]], options: Options) -> None:
    edited = read_form(STATE, {"keyword": ["  speech  "], **filled})
    assert (edited.subscription_id, edited.page, edited.options) == (5, ListPage(20, 3), options)
    assert edited.keyword.strip() == "speech"


@pytest.mark.parametrize("keyword", [[], [""], [" \n "]])
def test_an_answer_without_a_keyword_is_refused(keyword: list[str]) -> None:
    with pytest.raises(UserError, match="needs a keyword"):
        read_form(STATE, {"keyword": keyword})
