"""The papers of a digest's further pages, as an address in its first page that nobody sees.

After a restore, the bot reads in its channels what it posted since the backup. A digest shows only its first
page there, and comes with a file of all its papers only where that was asked for. Discord shows the address
of an embed at its title, and a digest's embed has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model.papers import PaperId
from bot.present import limits

_BEGINNING = "https://arxiv.org/#"
_PAPER = re.compile(r"(?P<paper>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})|(?P<number>\d{4,5})")


def further_address(papers: Iterable[PaperId]) -> str | None:
    """Return the address that names *papers*; None without any.

    It has room for about 330. The month stands only where it changes: `#2607.16206,16207,2608.00001`.
    """
    address, month = _BEGINNING, ""
    for paper in papers:
        before, dot, number = paper.text.partition(".")
        short = number if dot and before == month else paper.text
        longer = f"{address},{short}" if address != _BEGINNING else f"{address}{short}"
        if len(longer) > limits.EMBED_URL:
            break
        address, month = longer, before if dot else ""
    return None if address == _BEGINNING else address


def papers_in(address: str) -> list[PaperId]:
    """Return the papers that an address of `further_address` names; none if it is another address."""
    if not address.startswith(_BEGINNING):
        return []
    papers: list[PaperId] = []
    month = ""
    for part in address.removeprefix(_BEGINNING).split(","):
        found = _PAPER.fullmatch(part)
        if found is None or (found["number"] and not month):
            return papers
        text = found["paper"] or f"{month}.{found['number']}"
        month = text.partition(".")[0] if "/" not in text else ""
        papers.append(PaperId(text))
    return papers
