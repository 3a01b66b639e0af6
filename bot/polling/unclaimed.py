"""Papers that arXiv returned although, by our matcher, none of the queries asked for matches them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from textwrap import shorten

from bot.model.papers import PaperId

_log = logging.getLogger(__name__)

_MOST_REMEMBERED = 10_000
_MOST_NAMED = 20
_MOST_OF_REQUEST = 300  # characters


class UnclaimedPapers:
    """Logs each such paper once. The most recent ten thousand are remembered as logged."""

    def __init__(self) -> None:
        self._logged: dict[PaperId, None] = {}

    def log(self, papers: Sequence[PaperId], request: str) -> None:
        """Log those of *papers* that are new, with the *request* that returned them."""
        new = [paper for paper in papers if paper not in self._logged]
        if not new:
            return
        self._logged.update(dict.fromkeys(new))
        while len(self._logged) > _MOST_REMEMBERED:
            del self._logged[next(iter(self._logged))]
        _log.warning(
            "arXiv returned %d papers that match none of the queries asked for: %s%s; request: %s",
            len(new),
            ", ".join(map(str, new[:_MOST_NAMED])),
            " …" if len(new) > _MOST_NAMED else "",
            shorten(request, _MOST_OF_REQUEST, placeholder=" …"),
        )
