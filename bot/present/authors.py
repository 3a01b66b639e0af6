"""What `/follow author` shows before anything is saved, and the query read back from its message.

Like a page of search results, the message holds its own state: the query is the first line of the footer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import discord

from bot.i18n import format_day, format_list, format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.model.taxonomy import ARCHIVES, CATEGORIES
from bot.present import colours, limits, posts
from bot.present.latex.unicode import to_unicode
from bot.present.lines import joined
from bot.present.markdown import clean, escape
from bot.ranking.authors import AuthorQuery, Guard, NameForm, Namesake, Namesakes

FOLLOW = gettext_noop("Follow")
FOLLOW_AN_AUTHOR = gettext_noop("Follow an author")
WHO_IS_MEANT = gettext_noop("Who is meant?")
EVERYBODY = "all"
"""The value of the option for everybody of the name."""
_NAME, _FORMS, _TITLE = 60, 6, 120
_MENTION = re.compile(r"<@&(\d+)>", re.ASCII)
_SAMPLES = 3
_PEOPLE = 8  # each with up to three options
_LISTED = 3  # categories or co-authors


@dataclass(frozen=True, slots=True)
class AuthorOptions:
    """What the preview's message holds besides the query: the subscription's role (0: none) and categories.

    *co_author* is a query for those who wrote the papers, too; "" for anybody.
    """

    role_id: int = 0
    categories: tuple[str, ...] = ()
    co_author: str = ""


NO_OPTIONS = AuthorOptions()


@dataclass(frozen=True, slots=True)
class AuthorPreview:
    """What would be followed: *name* as typed, the *choice* among its *namesakes*, with *options*.

    *person* is who was chosen, None for everybody. *seen* papers of *total* that arXiv found were looked at,
    *today*.
    """

    name: str
    namesakes: Namesakes
    choice: AuthorQuery
    person: Namesake | None
    seen: int
    total: int
    options: AuthorOptions = NO_OPTIONS
    today: date | None = None


def preview_embed(preview: AuthorPreview) -> discord.Embed:
    """Return what following would bring; its footer holds the query for `query_of_preview`."""
    choice, people = preview.choice, preview.namesakes.people
    doubtful = preview.person is None and len(people) > 1
    embed = discord.Embed(
        title=limits.cut(_("Papers by {name}").format(name=_shown(preview.name)), limits.EMBED_TITLE),
        description=join_sentences(_people(preview), _found(preview), _("Nothing is saved yet.")),
        colour=colours.AMBER if doubtful else colours.ARXIV_RED,
    )
    forms = preview.person.forms if preview.person is not None else preview.namesakes.forms
    embed.add_field(name=_("Names on arXiv"), value=_forms(forms) or "–", inline=False)
    newest = "\n".join(
        joined(posts.title_link(paper, _TITLE), format_day(paper.published, preview.today))
        for paper in choice.papers[:_SAMPLES]
    )
    embed.add_field(name=_("The newest"), value=limits.cut(newest, limits.FIELD_VALUE) or "–", inline=False)
    for label, value in _options(preview.options):
        embed.add_field(name=label, value=value, inline=True)
    note = _("the query that will be saved")
    return limits.fit(embed.set_footer(text=f"{choice.query.typed}\n{note}"))


def nobody_embed(name: str) -> discord.Embed:
    """Return the answer when arXiv has nobody of that *name*."""
    return discord.Embed(
        title=limits.cut(_("No papers by {name}").format(name=_shown(name)), limits.EMBED_TITLE),
        description=_(
            "arXiv has no author of this name. Check the spelling, or try the family name alone or with one "
            "initial, such as `Y. LeCun`. A family name of several words is clear with a comma: "
            "`García Márquez, Gabriel`."
        ),
        colour=colours.AMBER,
    )


def query_of_preview(embeds: Sequence[discord.Embed]) -> str:
    """Return the query of the preview that *embeds* of a message show.

    Raises:
        UserError: they show none, because somebody removed the embed.
    """
    footer = embeds[0].footer.text if embeds else None
    if not footer or "\n" not in footer:
        raise UserError(_("This message no longer contains its query. Please use `/follow author` again."))
    return footer.rsplit("\n", 1)[0]


def options_of_preview(embeds: Sequence[discord.Embed]) -> AuthorOptions:
    """Return the options that `preview_embed` put into *embeds* of a message."""
    role_id, categories, co_author = 0, tuple[str, ...](), ""
    for value in (field.value or "" for embed in embeds for field in embed.fields):
        codes = value.removeprefix("`").removesuffix("`").split("`, `")
        if mention := _MENTION.fullmatch(value):
            role_id = int(mention[1])
        elif all(code in ARCHIVES or code in CATEGORIES for code in codes):
            categories = tuple(codes)
        elif value.startswith('`au:"'):
            co_author = codes[0]
    return AuthorOptions(role_id, categories, co_author)


def _options(options: AuthorOptions) -> Iterator[tuple[str, str]]:
    """Yield what `options_of_preview` reads back: labels and values."""
    if options.categories:
        yield _("Only in"), ", ".join(f"`{category}`" for category in options.categories)
    if options.co_author:
        yield _("Only with"), f"`{options.co_author}`"
    if options.role_id:
        yield _("Mentions"), f"<@&{options.role_id}>"


def choices_of(namesakes: Namesakes, chosen: str) -> list[discord.SelectOption]:
    """Return the people of the name as options of a menu, each by categories and by co-authors.

    A value is a guard and a paper of the person, `c2607.16206`; *chosen* is that of the option shown as
    chosen. Without other people, there is nothing to choose.
    """
    if len(namesakes.people) < 2:
        return []
    everybody = namesakes.everybody()
    options = [
        discord.SelectOption(
            label=_("Everybody of this name"),
            value=EVERYBODY,
            description=_papers(len(everybody.papers)),
            default=chosen == EVERYBODY,
        )
    ]
    for number, person in enumerate(namesakes.people[:_PEOPLE], 1):
        for guard in Guard:
            choice = namesakes.only(person, guard)
            if choice is None or (guard is Guard.NAME and choice.others):
                continue
            value = f"{guard}{person.papers[0].id}"
            label = f"{format_number(number)}. {_label(person, guard)}"
            options.append(
                discord.SelectOption(
                    label=limits.cut(label, limits.CHOICE),
                    value=value,
                    description=limits.cut(_brings(person, choice), limits.CHOICE),
                    default=chosen == value,
                )
            )
    return options[: limits.CHOICES]


def author_choices(paper: Paper) -> list[discord.SelectOption]:
    """Return the authors of *paper* as options of a menu, by their number: the first and the last ones."""
    numbers = list(range(len(paper.authors)))
    if len(numbers) > limits.CHOICES:
        numbers = [*numbers[: limits.CHOICES - 5], *numbers[-5:]]
    return [
        discord.SelectOption(label=label, value=str(number))
        for number in numbers
        if (label := limits.cut(clean(to_unicode(paper.authors[number])), limits.CHOICE))
    ]


def _people(preview: AuthorPreview) -> str:
    count = len(preview.namesakes.people)
    if count == 1:
        return _("There seems to be nobody else of this name.")
    if preview.person is None:
        return ngettext(
            "There seems to be {count} person of this name, judging by co-authors and categories.",
            "There seem to be {count} people of this name, judging by co-authors and categories.",
            count,
        ).format(count=format_number(count))
    return ngettext(
        "There seems to be {count} other person of this name.",
        "There seem to be {count} other people of this name.",
        count - 1,
    ).format(count=format_number(count - 1))


def _found(preview: AuthorPreview) -> str:
    """Say how many papers the query finds and misses, as far as they were looked at."""
    choice = preview.choice
    found = ngettext(
        "The query finds {own} of {count} paper.", "The query finds {own} of {count} papers.", choice.of
    )
    others = ngettext(
        "It also finds {count} paper by somebody else.",
        "It also finds {count} papers by others.",
        choice.others,
    )
    more = _("Only the newest {count} papers with such names were looked at.")
    return join_sentences(
        found.format(own=format_number(choice.own), count=format_number(choice.of)),
        others.format(count=format_number(choice.others)) if choice.others else "",
        more.format(count=format_number(preview.seen)) if preview.total > preview.seen else "",
    )


def _forms(forms: Sequence[NameForm]) -> str:
    shown = [f"{_shown(form.text)} ({format_number(form.papers)})" for form in forms[:_FORMS]]
    if len(forms) > _FORMS:
        return _("{names} and {count} more").format(
            names=", ".join(shown), count=format_number(len(forms) - _FORMS)
        )
    return ", ".join(shown)


def _label(person: Namesake, guard: Guard) -> str:
    name = clean(to_unicode(person.forms[0].text))
    categories = ", ".join(person.categories[:_LISTED])
    if guard is Guard.NAME:
        return f"{name} · {categories}"
    if guard is Guard.CATEGORIES:
        return _("{name} in {categories}").format(name=name, categories=categories)
    others = format_list([clean(to_unicode(each)) for each in person.co_authors[:_LISTED]], either=True)
    return _("{name} with {co_authors}").format(name=name, co_authors=others)


def _brings(person: Namesake, choice: AuthorQuery) -> str:
    years = sorted({paper.published.year for paper in person.papers})
    time = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    finds = _("finds {own} of {all}").format(own=format_number(choice.own), all=_papers(choice.of))
    others = _("and {count} by others").format(count=format_number(choice.others)) if choice.others else ""
    return joined(time, " ".join(filter(None, (finds, others))))


def _papers(count: int) -> str:
    return ngettext("{count} paper", "{count} papers", count).format(count=format_number(count))


def _shown(name: str) -> str:
    return escape(limits.cut(clean(to_unicode(name)), _NAME))
