"""What people type for a query that names a paper or a page instead of words (pure).

No title or abstract holds a link, a DOI or an identifier, so such a query would find nothing, ever.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.links import other_doi, papers_in
from bot.model.taxonomy import CATEGORIES, SPELLINGS

_QUOTED = re.compile(r'"[^"]*"')
_FIELD = re.compile(r"(?<!\w)(?:ti|abs|au|co|jr|cat|id|doi(?!:\s*10\.48550/)|all|title|submittedDate):(?!//)")
_LINK = re.compile(
    r"(?:^|[\s<(\[])((?:https?://|www\.|(?:export\.|rss\.)?arxiv\.org/)[^\s<>]+)", re.IGNORECASE
)
_LISTING = re.compile(r"arxiv\.org/(?:list|rss|atom|archive)/([\w.-]+)", re.IGNORECASE)
_AROUND = "\"'`<>()[]{}“”„‘’ "


class ReferenceKind(enum.Enum):
    """What is named."""

    PAPER = enum.auto()
    DOI = enum.auto()
    LISTING = enum.auto()
    LINK = enum.auto()


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper (its identifier), a DOI of another publisher, a category that a link lists, or another link."""

    kind: ReferenceKind
    text: str


def reference_in(text: str) -> Reference | None:
    """Return what *text*, a typed query, names instead of words; None if it can be a query.

    Numbers in fields, such as `id:2607.16206`, and links in quotes are queries.
    """
    bare = text.strip(_AROUND)
    unquoted = _QUOTED.sub(" ", text) if '"' in bare or _FIELD.search(bare) else bare
    link = _LINK.search(unquoted)
    if link is None and _FIELD.search(unquoted):
        return None
    if papers := papers_in(unquoted):
        return Reference(ReferenceKind.PAPER, ", ".join(map(str, papers[:5])))
    if doi := other_doi(unquoted):
        return Reference(ReferenceKind.DOI, doi)
    if link is None:
        return None
    listed = _LISTING.search(link[1])
    if listed and (category := SPELLINGS.get(listed[1].lower())):
        return Reference(ReferenceKind.LISTING, f"{category}.*" if category not in CATEGORIES else category)
    return Reference(ReferenceKind.LINK, link[1])


def require_words(text: str) -> None:
    """Check that *text*, a typed query, names neither a paper nor a page.

    Raises:
        UserError: it does; the sentence says what to do instead.
    """
    found = reference_in(text)
    if found is None:
        return
    match found.kind:
        case ReferenceKind.PAPER:
            sentence = _(
                "This names an arXiv paper ({text}), not words to search for. Look it up with `/paper`."
            )
        case ReferenceKind.DOI:
            sentence = _(
                "{text} is another publisher's DOI, not an arXiv paper. To find an arXiv paper that names "
                "it, write `doi:{text}`, or use words from the title."
            )
        case ReferenceKind.LISTING:
            sentence = _("A link cannot be searched for. For the papers in that list, write `cat:{text}`.")
        case ReferenceKind.LINK:
            sentence = _(
                "A link cannot be searched for. Use words from the title, or look up an arXiv paper with "
                "`/paper`."
            )
    raise UserError(sentence.format(text=found.text[:100]))
