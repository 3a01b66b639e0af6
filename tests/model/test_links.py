from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.links import canonical, papers_in
from bot.model.papers import PaperId

TEXTS = {
    "see https://arxiv.org/abs/2607.16206": ["2607.16206"],
    "<https://arxiv.org/pdf/2607.16206v2.pdf>": ["2607.16206"],
    "[paper](http://export.arxiv.org/abs/2607.16206v12)!": ["2607.16206"],
    "https://www.alphaxiv.org/abs/2607.16206?x=1#y": ["2607.16206"],
    "https://huggingface.co/papers/2607.16206": ["2607.16206"],
    "https://doi.org/10.48550/arXiv.2607.16206": ["2607.16206"],
    "arXiv:2607.16206v1 [cs.CL], and 0704.0001.": ["2607.16206", "0704.0001"],
    "(2607.16206), 2607.16207; 2607.16206": ["2607.16206", "2607.16207"],
    "https://arxiv.org/abs/hep-th/9901001v3": ["hep-th/9901001"],
    "arxiv.org/pdf/math.GT/0309136": ["math/0309136"],
    "cmp-lg/9404001 and alg-geom/9708001": ["cmp-lg/9404001", "alg-geom/9708001"],
    "**2607.16206**": ["2607.16206"],
    # What only looks like one.
    "costs $1209.5678 or €1209.5678": [],
    "1209.56789 and 1607.1234": [],
    "2613.16206 and 2600.16206": [],
    "0612.0001 and 9901.0001": [],
    "12607.16206 and 2607.162067 and 2607.16206.7": [],
    "v2607.16206 and 1.2607.16206": [],
    "foo-bar/9901001 and the/9901001": [],
    "hep-th/9913001": [],
    "https://example.org/news/0309136": [],
    "nothing": [],
    "": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_papers_are_found_where_a_text_names_them(text: str) -> None:
    assert [paper.text for paper in papers_in(text)] == TEXTS[text]


@given(st.text(st.sampled_from("0123456789./abhep-thrxivX :v\n") | st.characters()))
def test_whatever_is_found_is_an_identifier(text: str) -> None:
    for paper in papers_in(text):
        assert PaperId.parse(paper.text) == (paper, None)
        assert canonical(paper) == paper


def test_a_subject_class_is_no_part_of_an_identifier() -> None:
    assert canonical(PaperId("math.GT/0309136")) == PaperId("math/0309136")
    assert canonical(PaperId("2607.16206")) == PaperId("2607.16206")
