from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import UserError
from bot.model.links import canonical, papers_in, read_paper
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


FORMS = {
    "2607.16206": ("2607.16206", None),
    "2607.16206V2": ("2607.16206", 2),
    "2607.16206[v3]": ("2607.16206", 3),
    "arXiv:2607.16206 [cs.LG]": ("2607.16206", None),
    "arXiv:2607.16206v1 [cs.LG] 8 Sep 2026": ("2607.16206", 1),
    "arXiv 2607.16206": ("2607.16206", None),
    "arXiv2607.16206": ("2607.16206", None),
    "arxiv-2607.16206v2": ("2607.16206", 2),
    "[2607.16206] Attention is all you need": ("2607.16206", None),
    "2607.16206.": ("2607.16206", None),
    "(2607.16206),": ("2607.16206", None),
    "<https://arxiv.org/abs/2607.16206>": ("2607.16206", None),
    "2607.16206v2.pdf": ("2607.16206", 2),
    "https://arxiv.org/abs/2607.16206?context=cs#S3": ("2607.16206", None),
    "https://arxiv.org/pdf/2607.16206v2.pdf": ("2607.16206", 2),
    "https://arxiv.org/html/2607.16206v1#bib": ("2607.16206", 1),
    "https://www.alphaxiv.org/abs/2607.16206v4": ("2607.16206", 4),
    "https://huggingface.co/papers/2607.16206": ("2607.16206", None),
    "hf.co/papers/2607.16206": ("2607.16206", None),
    "https://ar5iv.labs.arxiv.org/html/2607.16206": ("2607.16206", None),
    "https://ar5iv.org/abs/hep-th/9901001": ("hep-th/9901001", None),
    "https://doi.org/10.48550/arXiv.2607.16206": ("2607.16206", None),
    "10.48550/ARXIV.2607.16206": ("2607.16206", None),
    "doi:10.48550/arXiv.hep-th/9901001": ("hep-th/9901001", None),
    "https://scirate.com/arxiv/2607.16206": ("2607.16206", None),
    "https://www.semanticscholar.org/arxiv/2607.16206": ("2607.16206", None),
    "https://ui.adsabs.harvard.edu/abs/2026arXiv260716206S/abstract": ("2607.16206", None),
    "https://papers.cool/arxiv/2607.16206": ("2607.16206", None),
    "oai:arXiv.org:2607.16206": ("2607.16206", None),
    "math.GT/0309136": ("math/0309136", None),
    "cond-mat.stat-mech/0309136": ("cond-mat/0309136", None),
    "cond-mat.supr-con/0309136v2": ("cond-mat/0309136", 2),
    "physics.atom-ph/0309136": ("physics/0309136", None),
    "MATH.GT/0309136v2": ("math/0309136", 2),
    "２６０７．１６２０６": ("2607.16206", None),
    "2607.\u200b16206": ("2607.16206", None),
    "2607.16206 and https://arxiv.org/abs/2607.16206v2": ("2607.16206", None),
}


@pytest.mark.parametrize("typed", FORMS)
def test_one_reader_takes_every_form_of_an_identifier(typed: str) -> None:
    identifier, version = FORMS[typed]
    assert read_paper(typed) == (PaperId(identifier), version)
    assert papers_in(typed) == [PaperId(identifier)]


@pytest.mark.parametrize(
    "typed",
    [
        "https://doi.org/10.1103/PhysRevD.103.043001",
        "10.1234/2107.12345",
        "https://doi.org/10.1016/j.cell.2101.01234",
    ],
)
def test_another_publishers_doi_is_no_arxiv_paper(typed: str) -> None:
    assert papers_in(typed) == []
    with pytest.raises(UserError, match="another publisher's DOI"):
        read_paper(typed)


@pytest.mark.parametrize("typed", ["", "attention is all you need", "2613.00001", "2607.123"])
def test_what_names_no_paper_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(UserError, match=r"is not an arXiv identifier\. Use one such as"):
        read_paper(typed)


def test_two_papers_at_once_are_refused() -> None:
    with pytest.raises(UserError, match=r"names 2 papers: 2607\.16206, hep-th/9901001"):
        read_paper("2607.16206, hep-th/9901001")
