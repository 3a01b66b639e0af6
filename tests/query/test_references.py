"""Links, identifiers and DOIs that are typed where words are expected."""

from __future__ import annotations

import pytest

from bot.model.errors import UserError
from bot.query.query import read_query
from bot.query.references import Reference, ReferenceKind, reference_in


@pytest.mark.parametrize(
    ("typed", "paper"),
    [
        ("2607.16206", "2607.16206"),
        ("2607.16206v2", "2607.16206"),
        (" arXiv:2607.16206 ", "2607.16206"),
        ("arxiv 2607.16206", "2607.16206"),
        ("arXiv:2607.16206v1 [cs.LG]", "2607.16206"),
        ("arXiv:2607.16206 [cs.LG] 21 Jul 2026", "2607.16206"),
        ('"2607.16206"', "2607.16206"),
        ("“2607.16206”", "2607.16206"),
        ("(2607.16206)", "2607.16206"),
        ("<https://arxiv.org/abs/2607.16206>", "2607.16206"),
        ("https://arxiv.org/abs/2607.16206", "2607.16206"),
        ("http://www.arxiv.org/pdf/2607.16206v3.pdf", "2607.16206"),
        ("arxiv.org/abs/2607.16206", "2607.16206"),
        ("https://arxiv.org/html/2607.16206v1#S2", "2607.16206"),
        ("https://www.alphaxiv.org/abs/2607.16206", "2607.16206"),
        ("https://huggingface.co/papers/2607.16206", "2607.16206"),
        ("https://ar5iv.labs.arxiv.org/html/2607.16206", "2607.16206"),
        ("https://doi.org/10.48550/arXiv.2607.16206", "2607.16206"),
        ("10.48550/arXiv.2607.16206", "2607.16206"),
        ("doi:10.48550/arXiv.2607.16206", "2607.16206"),
        ("https://www.semanticscholar.org/arxiv/2607.16206", "2607.16206"),
        ("2026arXiv260716206S", "2607.16206"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
        ("https://arxiv.org/abs/hep-th/9901001v3", "hep-th/9901001"),
        ("[2607.16206] Attention Is All You Need", "2607.16206"),
        ("Attention Is All You Need. arXiv:1706.03762, 2017.", "1706.03762"),
        ("２６０７．１６２０６", "2607.16206"),
        ("2607.16206 OR 2607.16207", "2607.16206, 2607.16207"),
    ],
)
def test_a_link_or_an_identifier_points_to_the_command_that_looks_papers_up(typed: str, paper: str) -> None:
    with pytest.raises(UserError) as refusal:
        read_query(typed, 500)
    assert str(refusal.value) == (
        f"This names an arXiv paper ({paper}), not words to search for. Look it up with `/paper`."
    )


@pytest.mark.parametrize(
    ("typed", "doi"),
    [
        ("10.1038/nature14539", "10.1038/nature14539"),
        ("https://doi.org/10.1038/nature14539", "10.1038/nature14539"),
        ("doi.org/10.1103/PhysRevD.103.043001", "10.1103/PhysRevD.103.043001"),
        ("DOI: 10.1016/j.cell.2021.01.001", "10.1016/j.cell.2021.01.001"),
        ("https://dl.acm.org/doi/10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("10.1093/mnras/stab1234.", "10.1093/mnras/stab1234"),
    ],
)
def test_the_doi_of_another_publisher_is_no_arxiv_paper(typed: str, doi: str) -> None:
    with pytest.raises(UserError, match="another publisher's DOI, not an arXiv paper") as refusal:
        read_query(typed, 500)
    assert f"`doi:{doi}`" in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("https://arxiv.org/list/cs.CL/recent", Reference(ReferenceKind.LISTING, "cs.CL")),
        ("arxiv.org/list/hep-th/new", Reference(ReferenceKind.LISTING, "hep-th")),
        ("https://rss.arxiv.org/rss/math", Reference(ReferenceKind.LISTING, "math.*")),
        ("https://arxiv.org/archive/cs", Reference(ReferenceKind.LISTING, "cs.*")),
        ("https://arxiv.org/a/hinton_g_1", Reference(ReferenceKind.LINK, "https://arxiv.org/a/hinton_g_1")),
        ("https://github.com/a/b", Reference(ReferenceKind.LINK, "https://github.com/a/b")),
        ("see www.example.org/x", Reference(ReferenceKind.LINK, "www.example.org/x")),
        (
            "https://openreview.net/forum?id=abc",
            Reference(ReferenceKind.LINK, "https://openreview.net/forum?id=abc"),
        ),
    ],
)
def test_other_links_are_told_apart(typed: str, found: Reference) -> None:
    assert reference_in(typed) == found
    with pytest.raises(UserError, match="A link cannot be searched for"):
        read_query(typed, 500)


@pytest.mark.parametrize(
    "typed",
    [
        "speech synthesis",
        "id:2607.16206",
        "id:2607.16206 OR id:2607.16207",
        "doi:10.1038/nature14539",
        'co:"https://github.com"',
        'ti:"see https://example.org"',
        "jr:1234.5678 OR ti:x",
        "GPT-4.1",
        "version 3.1415",
        "input/output",
        "github.com",
        "10.5 GHz",
        "2024",
        "hep-th",
        "C++17",
    ],
)
def test_words_and_fields_are_queries(typed: str) -> None:
    assert reference_in(typed) is None
    assert read_query(typed, 500).typed == typed
