"""The papers of a digest's further pages, in an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import PaperId
from bot.present import limits
from bot.present.further_papers import further_address, papers_in

IDS = st.builds(
    lambda month, number: PaperId(f"{month}.{number:05}"),
    st.sampled_from(["2607", "2608", "2512"]),
    st.integers(1, 99_999),
) | st.sampled_from([PaperId("hep-th/9901001"), PaperId("math.AG/0601001"), PaperId("0704.0001")])


def test_the_month_stands_where_it_changes() -> None:
    papers = [
        PaperId(text) for text in ("2607.16206", "2607.16207", "2608.00001", "math/0601001", "2608.00002")
    ]
    address = further_address(papers)
    assert address == "https://arxiv.org/#2607.16206,16207,2608.00001,math/0601001,2608.00002"
    assert papers_in(address) == papers


def test_without_papers_there_is_no_address() -> None:
    assert further_address([]) is None


@given(st.lists(IDS, min_size=1, max_size=60, unique=True))
def test_what_is_written_is_read_back(papers: list[PaperId]) -> None:
    address = further_address(papers)
    assert address is not None
    assert papers_in(address) == papers


def test_what_has_no_room_is_left_out() -> None:
    papers = [PaperId(f"2607.{number:05}") for number in range(1, 1000)]
    address = further_address(papers)
    assert address is not None
    assert len(address) <= limits.EMBED_URL
    assert papers_in(address) == papers[:337]


@pytest.mark.parametrize(
    ("address", "papers"),
    [
        ("", []),
        ("https://arxiv.org/abs/2607.16206v1", []),
        ("https://arxiv.org/#", []),
        ("https://arxiv.org/#16206", []),
        ("https://arxiv.org/#2607.16206,<b>", ["2607.16206"]),
    ],
)
def test_another_address_names_no_papers(address: str, papers: list[str]) -> None:
    assert [paper.text for paper in papers_in(address)] == papers


@given(st.text())
def test_any_address_can_be_read(rest: str) -> None:
    papers_in(f"https://arxiv.org/#{rest}")
