"""The form that changes a subscription, and what a person wrote in it.

Discord keeps a form open for as long as the person likes, which may be longer than this process runs. So its
answer is read from what Discord sends, and nothing is kept in memory for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions.options import read_categories
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Options, Subscription
from bot.present import limits

FORM = re.compile(r"papers:edit:(?P<id>\d+):(?P<channel>\d+):(?P<page>\d{1,6})")
_KEYWORD, _DELIVER, _CATEGORIES, _ROLE, _ALSO = "keyword", "deliver", "categories", "role", "also"
_WAYS = {
    Deliver.LIVE: gettext_noop("Live: as soon as arXiv announces them"),
    Deliver.DIGEST: gettext_noop("Digest: in the digest only"),
    Deliver.BOTH: gettext_noop("Both: live, and once more in the digest"),
}
_CROSS_LISTS, _REVISIONS = "cross_lists", "revisions"


class _ChosenRole(discord.SelectDefaultValue):
    """A role whose number is text, as Discord describes it; discord.py sends an integer."""

    def __init__(self, role_id: int) -> None:
        super().__init__(id=role_id, type=discord.SelectDefaultValueType.role)

    def to_dict(self) -> Any:
        return {**super().to_dict(), "id": str(self.id)}


@dataclass(frozen=True, slots=True)
class Edited:
    """What a form asks for: the subscription, the list page that it was opened from, and the new values."""

    subscription_id: int
    channel_id: int
    page: int
    keyword: str
    options: Options


def form_of(subscription: Subscription, *, channel_id: int, page: int, longest: int) -> discord.ui.Modal:
    """Return the form, filled with what *subscription* is now; a keyword has at most *longest* characters."""
    options = subscription.options
    form = discord.ui.Modal(
        title=_("Edit the subscription"), custom_id=f"papers:edit:{subscription.id}:{channel_id}:{page}"
    )
    keyword: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_KEYWORD, default=subscription.keyword, max_length=min(longest, limits.TEXT_INPUT)
    )
    categories: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_CATEGORIES,
        default=",".join(options.categories),
        placeholder="cs.CL,stat",
        required=False,
        max_length=400,
    )
    ways: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id=_DELIVER,
        options=[
            discord.SelectOption(label=_(words), value=way, default=way is options.deliver)
            for way, words in _WAYS.items()
        ],
    )
    also: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id=_ALSO,
        min_values=0,
        max_values=2,
        required=False,
        options=[
            discord.SelectOption(
                label=_("Papers only cross-listed there"), value=_CROSS_LISTS, default=options.cross_lists
            ),
            discord.SelectOption(
                label=_("New versions of papers"), value=_REVISIONS, default=options.revisions
            ),
        ],
    )
    form.add_item(discord.ui.Label(text=_("Keyword or query"), component=keyword))
    form.add_item(discord.ui.Label(text=_("How they arrive"), component=ways))
    form.add_item(
        discord.ui.Label(text=_("Categories"), description=_("Empty for all of them"), component=categories)
    )
    if subscription.destination.guild_id:
        form.add_item(discord.ui.Label(text=_("Mention a role"), component=_roles(options.role_id)))
    form.add_item(discord.ui.Label(text=_("Also"), component=also))
    return form


def _roles(role_id: int) -> discord.ui.RoleSelect[discord.ui.Modal]:
    chosen = [_ChosenRole(role_id)] if role_id else []
    return discord.ui.RoleSelect(
        custom_id=_ROLE, min_values=0, max_values=1, required=False, default_values=chosen
    )


def read_form(state: Mapping[str, str], filled: Mapping[str, list[str]]) -> Edited:
    """Return what the answer to a form asks for: *state* is that of its identifier, *filled* its fields.

    Raises:
        UserError: a category does not exist.
    """
    also = filled.get(_ALSO, [])
    ways = filled.get(_DELIVER) or [Deliver.LIVE]
    roles = filled.get(_ROLE) or ["0"]
    keyword = " ".join(filled.get(_KEYWORD, []))
    if not keyword.strip():
        raise UserError(
            _("A subscription needs a keyword; open the form again and type one. Nothing has changed.")
        )
    options = Options(
        deliver=Deliver(ways[0]),
        role_id=int(roles[0]),
        categories=read_categories(" ".join(filled.get(_CATEGORIES, []))),
        cross_lists=_CROSS_LISTS in also,
        revisions=_REVISIONS in also,
    )
    return Edited(int(state["id"]), int(state["channel"]), int(state["page"]), keyword, options)
