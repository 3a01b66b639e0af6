"""Reading lists as RIS and as CSL-JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import SavedPaper
from bot.present.citations import as_csl, as_ris
from tests.fakes.papers import EPOCH, make_paper

PAPER = make_paper(
    7,
    title=r"On $\alpha$ decay",
    abstract="We study decay.",
    authors=("Ludwig van Beethoven", "John Smith Jr.", "Plato", "LHCb Collaboration"),
    categories=("nucl-th",),
    published=datetime(2026, 7, 4, tzinfo=UTC),
)


def test_a_preprint_as_ris() -> None:
    assert as_ris([SavedPaper(PAPER, "read it", EPOCH)]).split("\r\n") == [
        "TY  - UNPB",
        "TI  - On α decay",
        "AU  - van Beethoven, Ludwig",
        "AU  - Smith, John, Jr.",
        "AU  - Plato",
        "AU  - LHCb Collaboration",
        "PY  - 2026",
        "DA  - 2026/07/04/",
        "AB  - We study decay.",
        "JO  - arXiv:2607.00007v1",
        "UR  - https://arxiv.org/abs/2607.00007v1",
        "L1  - https://arxiv.org/pdf/2607.00007v1",
        "KW  - nucl-th",
        "N1  - read it",
        "ER  - ",
        "",
    ]


def test_an_article_has_its_journal_and_its_first_doi() -> None:
    article = make_paper(1, journal_ref="Phys. Rev. D 1", doi="10.1/2 10.1/3")
    text = as_ris([SavedPaper(article, "", EPOCH)])
    assert text.startswith("TY  - JOUR\r\n")
    assert "JO  - Phys. Rev. D 1\r\nDO  - 10.1/2\r\n" in text
    [item] = json.loads(as_csl([SavedPaper(article, "", EPOCH)], {}))
    assert (item["type"], item["container-title"], item["DOI"]) == (
        "article-journal",
        "Phys. Rev. D 1",
        "10.1/2",
    )


def test_a_preprint_as_csl() -> None:
    [item] = json.loads(as_csl([SavedPaper(PAPER, "read it", EPOCH)], {PAPER.id: "beethoven2026decay"}))
    assert item == {
        "id": "beethoven2026decay",
        "type": "article",
        "title": "On α decay",
        "author": [
            {"family": "van Beethoven", "given": "Ludwig"},
            {"family": "Smith", "given": "John", "suffix": "Jr."},
            {"literal": "Plato"},
            {"literal": "LHCb Collaboration"},
        ],
        "issued": {"date-parts": [[2026, 7, 4]]},
        "abstract": "We study decay.",
        "publisher": "arXiv",
        "number": "arXiv:2607.00007v1",
        "URL": "https://arxiv.org/abs/2607.00007v1",
        "note": "read it",
    }


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=4))
def test_no_text_breaks_a_record(text: str, authors: list[str]) -> None:
    paper = make_paper(1, title=text, abstract=text, authors=tuple(authors), comment=text)
    written = as_ris([SavedPaper(paper, text, EPOCH)] * 2)
    lines = written.split("\r\n")[:-1]
    assert all(line[2:6] == "  - " for line in lines)
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "] * 2
    assert len(json.loads(as_csl([SavedPaper(paper, text, EPOCH)], {}))) == 1
