"""Short forms of many papers, among which those like a given paper are found in milliseconds (pure).

A signature holds the 32 strongest terms of a paper in 96 bytes: the low 16 bits of each, and how much it
weighs. That is enough to pick a few hundred candidates out of a hundred thousand; their order comes from
their texts. Measured on 5,267 papers, the 200 best by signature hold .98 of the ten best by whole vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from bot.model.papers import PaperId
from bot.ranking.vectors import Vector

_TERMS = 32
_TERM = np.dtype("<u2")
_SLOTS = 1 << 16
_HEAVIEST = 255
_LENGTH = _TERMS * (_TERM.itemsize + 1)  # bytes
_IDENTIFIER = np.dtype("S32")
_AT_ONCE = 1 << 14  # papers compared at a time, which bounds the memory that it takes


def signature_of(paper: Vector) -> bytes:
    """Return the signature of *paper*; one of few terms is filled up with terms of no weight."""
    order = np.argsort(-paper.weights, kind="stable")[:_TERMS]
    terms = np.zeros(_TERMS, dtype=_TERM)
    weights = np.zeros(_TERMS, dtype=np.uint8)
    if len(order):
        terms[: len(order)] = paper.terms[order] % _SLOTS
        weights[: len(order)] = np.ceil(paper.weights[order] / paper.weights[order[0]] * _HEAVIEST)
    return terms.tobytes() + weights.tobytes()


class Signatures:
    """The signatures of many papers, 128 bytes each with the identifier."""

    def __init__(self) -> None:
        self._identifiers = np.empty(0, dtype=_IDENTIFIER)
        self._terms: NDArray[np.uint16] = np.empty((0, _TERMS), dtype=_TERM)
        self._weights: NDArray[np.uint8] = np.empty((0, _TERMS), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._identifiers)

    def add(self, signatures: Iterable[tuple[PaperId, bytes]]) -> None:
        """Add *signatures*; a paper that is here already is found by each of its signatures."""
        rows = list(signatures)
        if not rows:
            return
        block = np.frombuffer(b"".join(row for _, row in rows), dtype=np.uint8).reshape(-1, _LENGTH)
        identifiers = np.array([paper.text.encode() for paper, _ in rows], dtype=_IDENTIFIER)
        middle = _TERMS * _TERM.itemsize
        self._identifiers = np.concatenate([self._identifiers, identifiers])
        self._terms = np.concatenate([self._terms, np.ascontiguousarray(block[:, :middle]).view(_TERM)])
        self._weights = np.concatenate([self._weights, block[:, middle:]])

    def most_alike(self, paper: Vector, count: int) -> list[PaperId]:
        """Return the *count* papers that seem most like *paper*, the most alike first, each once.

        It takes some ten milliseconds for a hundred thousand papers: next to an event loop, call it in a
        thread.
        """
        wanted = np.zeros(_SLOTS, dtype=np.float32)
        np.maximum.at(wanted, paper.terms % _SLOTS, paper.weights)
        likeness = np.concatenate([np.empty(0, dtype=np.float32), *self._likenesses(wanted)])
        order = np.argsort(-likeness, kind="stable")
        alike: dict[PaperId, None] = {}
        for place in order:
            if len(alike) == count or likeness[place] <= 0:
                break
            alike[PaperId(self._identifiers[place].decode())] = None
        return list(alike)

    def _likenesses(self, wanted: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """Yield how like each paper is, part by part: the cosine of its signature and *wanted*."""
        for first in range(0, len(self), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            weights = self._weights[part].astype(np.float32)
            lengths = np.sqrt(np.square(weights).sum(axis=1))
            products = (wanted[self._terms[part]] * weights).sum(axis=1)
            yield np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
