"""Refuses queries that name a paper or a page instead of words. Imports little, for `match`."""

from __future__ import annotations

from bot.model.errors import UserError
from bot.query.references import Reference, ReferenceKind, reference_in


def require_words(text: str) -> None:
    """Check that *text*, a typed query, names neither a paper nor a page.

    Raises:
        UserError: it does; the sentence says what to write instead on the command line.
    """
    if found := reference_in(text):
        raise UserError(_in_words(found))


def _in_words(found: Reference) -> str:
    match found.kind:
        case ReferenceKind.PAPER:
            return f"“{found.text}” is an arXiv paper, not words; to search by identifier, write id:NUMBER."
        case ReferenceKind.DOI:
            return f"“{found.text}” is a DOI, not words; to search for it, write doi:{found.text}."
        case ReferenceKind.LISTING:
            return f"A link cannot be searched for; for the papers in that list, write cat:{found.text}."
        case ReferenceKind.LINK:
            return "A link cannot be searched for; use words from the title."
