from __future__ import annotations

import numpy as np
import pytest

from bot.ranking import interest as under_test
from bot.ranking.interest import Profile, learn, likeness, with_keyword
from bot.ranking.vectors import EMPTY, Vector, dot
from tests.ranking.ranking_cases import ROBOTS, SPLATTING, VECTORS


def scores(interest: Profile) -> list[float]:
    return likeness([interest], VECTORS)[:, 0].tolist()


def test_papers_like_the_saved_ones_come_first() -> None:
    ranked = scores(learn(SPLATTING))
    assert min(ranked[:3]) > max(ranked[3:])


def test_what_was_seen_and_left_counts_against_what_it_shares() -> None:
    """Both saved robots share their policy; the ones that were left share the word robot."""
    saved = [SPLATTING[0], *ROBOTS[1:]]
    fond, picky = scores(learn(saved)), scores(learn(saved, seen=[ROBOTS[0]]))
    assert picky[3] < fond[3]
    assert min(picky) >= 0, "only `less` makes a term negative"


def test_less_like_this_pushes_down_even_without_an_interest() -> None:
    ranked = scores(learn([], less=[ROBOTS[0]]))
    assert ranked[3] < ranked[4] < ranked[0] == 0
    assert not learn([], less=[ROBOTS[0]]).is_enough


@pytest.mark.parametrize("count", range(5))
def test_three_papers_are_enough(count: int) -> None:
    learnt = learn(VECTORS[:count])
    assert learnt.given == count
    assert learnt.is_enough == bool(len(learnt.vector.terms)) == (count >= 3)
    assert bool(len(learn(VECTORS[:count], enough=1).vector.terms)) == (count >= 1)


def test_many_interests_are_scored_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    interests = [learn(SPLATTING), Profile(), learn(ROBOTS, less=SPLATTING[:1]), learn(VECTORS)]
    alone = np.array([[dot(each.vector, paper) for each in interests] for paper in VECTORS])
    assert np.allclose(likeness(interests, VECTORS), alone, atol=1e-6)
    monkeypatch.setattr(under_test, "_INTERESTS_AT_ONCE", 3)
    monkeypatch.setattr(under_test, "_PAPERS_AT_ONCE", 5)
    assert np.allclose(likeness(interests, VECTORS), alone, atol=1e-6)
    assert likeness([], VECTORS).shape == (len(VECTORS), 0)
    assert likeness([Profile()], [*VECTORS, EMPTY]).tolist() == [[0.0]] * (len(VECTORS) + 1)


def test_an_interest_keeps_its_strongest_terms() -> None:
    chance = np.random.default_rng(1)
    wide = [
        Vector(np.arange(first, first + 900, dtype=np.uint32), chance.random(900).astype(np.float32))
        for first in (0, 900, 1800)
    ]
    kept = learn(wide).vector
    assert len(kept.terms) == 1000
    assert kept.terms.tolist() == sorted(kept.terms.tolist())
    weights = np.concatenate([vector.weights for vector in wide])
    assert set(kept.terms.tolist()) == set(np.argsort(-weights)[:1000].tolist())


@pytest.mark.parametrize(("given", "share"), [(0, 0.15), (4, 0.15), (5, 0.1), (30, 0.1)])
def test_the_keyword_counts_for_less_once_an_interest_is_sure(given: int, share: float) -> None:
    assert with_keyword(0.5, 1.0, given) == pytest.approx(0.5 + share)
