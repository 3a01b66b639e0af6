"""The form that edits a subscription, and what a person entered in it.

Discord keeps a form open for as long as the person likes, which may be longer than this process runs. So the
answer is read from what Discord sends, and nothing is kept in memory.
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
from bot.interactions.subscriptions import ListPage
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Options, Subscription
from bot.present import limits
from bot.present.views import Form

FORM = re.compile(r"papers:edit:(?P<id>\d+):(?P<channel>\d+):(?P<page>\d{1,6})")
_KEYWORD, _DELIVER, _CATEGORIES, _ROLE, _ALSO = "keyword", "deliver", "categories", "role", "also"
_DELIVERY = {
    Deliver.LIVE: gettext_noop("Live: as soon as arXiv announces them"),
    Deliver.DIGEST: gettext_noop("Digest: in the digest only"),
    Deliver.BOTH: gettext_noop("Both: live, and again in the digest"),
}
_CROSS_LISTS, _REVISIONS = "cross_lists", "revisions"


class _ChosenRole(discord.SelectDefaultValue):
    """A role whose ID is sent as text, as Discord documents it; discord.py sends an integer."""

    def __init__(self, role_id: int) -> None:
        super().__init__(id=role_id, type=discord.SelectDefaultValueType.role)

    def to_dict(self) -> Any:
        return {**super().to_dict(), "id": str(self.id)}


@dataclass(frozen=True, slots=True)
class Edited:
    """What a form asks for: the new values of a subscription. *page* is the list page it was opened from."""

    subscription_id: int
    page: ListPage
    keyword: str
    options: Options


def form_of(subscription: Subscription, *, page: ListPage, longest: int) -> discord.ui.Modal:
    """Return the form, filled in with the present values; a keyword has at most *longest* characters."""
    options = subscription.options
    form = Form(
        title=_("Edit subscription"),
        custom_id=f"papers:edit:{subscription.id}:{page.channel_id}:{page.number}",
    )
    keyword: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_KEYWORD, default=subscription.keyword, max_length=min(longest, limits.TEXT_INPUT)
    )
    categories: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_CATEGORIES,
        default=",".join(options.categories),
        placeholder="cs.CL,stat",
        required=False,
        max_length=limits.TEXT_INPUT,
    )
    delivery: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id=_DELIVER,
        options=[
            discord.SelectOption(label=_(words), value=deliver, default=deliver is options.deliver)
            for deliver, words in _DELIVERY.items()
        ],
    )
    also: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id=_ALSO,
        min_values=0,
        max_values=2,
        required=False,
        options=[
            discord.SelectOption(
                label=_("Papers cross-listed in these categories"),
                value=_CROSS_LISTS,
                default=options.cross_lists,
            ),
            discord.SelectOption(
                label=_("New versions of papers"), value=_REVISIONS, default=options.revisions
            ),
        ],
    )
    form.add_item(discord.ui.Label(text=_("Keyword or query"), component=keyword))
    form.add_item(discord.ui.Label(text=_("Delivery"), component=delivery))
    form.add_item(
        discord.ui.Label(
            text=_("Categories"), description=_("Leave empty for all categories"), component=categories
        )
    )
    if subscription.destination.guild_id:
        form.add_item(discord.ui.Label(text=_("Mention a role"), component=_roles(options.role_id)))
    form.add_item(discord.ui.Label(text=_("Include"), component=also))
    return form


def _roles(role_id: int) -> discord.ui.RoleSelect[discord.ui.Modal]:
    chosen = [_ChosenRole(role_id)] if role_id else []
    return discord.ui.RoleSelect(
        custom_id=_ROLE, min_values=0, max_values=1, required=False, default_values=chosen
    )


def read_form(state: Mapping[str, str], filled: Mapping[str, list[str]]) -> Edited:
    """Return what the answer to a form asks for: *state* is from its identifier, *filled* holds its fields.

    Raises:
        UserError: there is no keyword, or a category does not exist.
    """
    also = filled.get(_ALSO, [])
    delivery = filled.get(_DELIVER) or [Deliver.LIVE]
    roles = filled.get(_ROLE) or ["0"]
    keyword = " ".join(filled.get(_KEYWORD, []))
    if not keyword.strip():
        raise UserError(
            _("A subscription needs a keyword. Open the form again and type one; nothing has changed.")
        )
    options = Options(
        deliver=Deliver(delivery[0]),
        role_id=int(roles[0]),
        categories=read_categories(" ".join(filled.get(_CATEGORIES, []))),
        cross_lists=_CROSS_LISTS in also,
        revisions=_REVISIONS in also,
    )
    page = ListPage(int(state["channel"]), int(state["page"]))
    return Edited(int(state["id"]), page, keyword, options)
