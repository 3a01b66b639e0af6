"""Links of the authors and the venue, read from abstract, comment, journal reference and DOI."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.model.papers import Paper
from bot.present import venue_names
from bot.present.resources import ResourceKind, resources
from bot.present.venues import pages_in_words, venue_in_words
from tests.fakes.papers import make_paper
from tests.present.embed_cases import parity_papers, recorded_papers
from tests.shared import needs_shared

_FOLDER = Path(__file__).parent
TUNED = _FOLDER / "links_and_venues.tsv"
"""Of 300 papers: identifier with version, links to code, project and data, and the venue, as read by people.

The rules were written with these papers at hand.
"""
HELD_OUT = _FOLDER / "links_and_venues_held_out.tsv"
"""Of 100 others the same, labelled before the rules were tried on them.

Then 93 of 96 labels were found, and 3 of 96 findings were wrong: precision .969, recall .969; of the 44 links
all were right, of the 52 venues 49. Two kinds were mended since: a journal that is only called one (“the
Autonomous Robots journal”), and a workshop with a name of its own.
"""


@needs_shared
@pytest.mark.parametrize(("labels", "count"), [(TUNED, 300), (HELD_OUT, 100)], ids=["tuned", "held out"])
def test_links_and_venues_of_labelled_papers_are_right(
    capsys: pytest.CaptureFixture[str], labels: Path, count: int
) -> None:
    rows = [line.split("\t") for line in labels.read_text(encoding="utf-8").splitlines()]
    papers = {paper.versioned: _as_in_the_list(paper) for paper in parity_papers()}
    papers.update((paper.versioned, paper) for paper in recorded_papers() if paper.versioned not in papers)
    wanted, found = set(), set()
    for versioned, code, project, data, venue in rows:
        labelled = {"code": code, "project": project, "data": data, "venue": venue}
        wanted |= {(versioned, kind, text) for kind, text in labelled.items() if text}
        paper = papers[versioned]
        found |= {(versioned, link.kind.value, link.url) for link in resources(paper)}
        found |= {(versioned, "venue", text) for text in [venue_in_words(paper)] if text}
    right = len(wanted & found)
    precision, recall = right / len(found), right / len(wanted)
    with capsys.disabled():
        sys.stdout.write(
            f"\nlinks and venues of {len(rows)} papers: {len(wanted)} labels, "
            f"{len(found)} found, {right} right; "
            f"precision {precision:.3f}, recall {recall:.3f}\n"
        )
    assert len(rows) == count
    assert precision >= 0.99, sorted(found - wanted)
    assert recall >= 0.95, sorted(wanted - found)


def _as_in_the_list(paper: Paper) -> Paper:
    """The list of papers has neither journal references nor DOIs."""
    return make_paper(id=paper.id, version=paper.version, abstract=paper.abstract, comment=paper.comment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Code: https://github.com/a/b.", {"code": "https://github.com/a/b"}, id="code"),
        pytest.param(
            "Code at github.com/a/b, soon", {"code": "https://github.com/a/b"}, id="without_a_scheme"
        ),
        pytest.param(
            "Project page: https://a.github.io/b/", {"project": "https://a.github.io/b/"}, id="project_page"
        ),
        pytest.param(
            "The dataset is at https://zenodo.org/records/1 and the code at https://github.com/a/b",
            {"code": "https://github.com/a/b", "data": "https://zenodo.org/records/1"},
            id="data_and_code",
        ),
        pytest.param(
            "The dataset is at https://github.com/a/b", {"data": "https://github.com/a/b"}, id="only_the_data"
        ),
        pytest.param(
            "Project page: https://a.org/x. Code is at https://a.org/x/.",
            {"project": "https://a.org/x"},
            id="once",
        ),
        pytest.param(
            r"Code: \url{https://github.com/a/b\_c}", {"code": "https://github.com/a/b_c"}, id="in_latex"
        ),
        pytest.param(
            "Code ([https://github.com/a/b](https://github.com/a/b))",
            {"code": "https://github.com/a/b"},
            id="in_markdown",
        ),
        pytest.param("https://example.org/", {"project": "https://example.org/"}, id="nothing_but_a_link"),
        pytest.param("Model: https://huggingface.co/a/b", {}, id="a_model"),
        pytest.param(
            "Code: https://huggingface.co/datasets/a",
            {"data": "https://huggingface.co/datasets/a"},
            id="data_set",
        ),
        pytest.param("Video: https://youtu.be/abc", {}, id="a_video"),
        pytest.param("Published: https://doi.org/10.1/2", {}, id="the_publisher"),
        pytest.param("See https://example.org/ for more", {}, id="of_no_kind"),
        pytest.param("For code see https://github.com/ a/b", {}, id="broken_off"),
        pytest.param("A list of papers is at https://github.com/a/b", {}, id="a_list_of_papers"),
        ("Our code is at https://youtube.com/watch?v=abc", {}),
        ("Our code is at https://www.springer.com/code", {}),
        ("Our code is at http://localhost/code", {}),
    ],
)
def test_a_link_is_what_its_host_and_its_sentence_say(text: str, expected: dict[str, str]) -> None:
    assert {link.kind.value: link.url for link in resources(make_paper(comment=text))} == expected
    assert {link.kind.value: link.url for link in resources(make_paper(abstract=f"We act. {text}"))} == (
        expected if text != "https://example.org/" else {}
    )


def test_links_come_in_a_fixed_order_and_those_of_the_comment_first() -> None:
    paper = make_paper(
        abstract="Data: https://zenodo.org/1. Code: https://github.com/old/old.",
        comment="Website: https://a.github.io Code: https://github.com/new/new",
    )
    assert [(link.kind, link.url) for link in resources(paper)] == [
        (ResourceKind.CODE, "https://github.com/new/new"),
        (ResourceKind.PROJECT, "https://a.github.io"),
        (ResourceKind.DATA, "https://zenodo.org/1"),
    ]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("ICLR 2027", "ICLR 2027"),
        ("Accepted at KDD'27, 9 pages", "KDD 2027"),
        ("Accepted to the International Conference on Software Testing (ICST), 2027", "ICST 2027"),
        ("2027 IEEE International Conference on Robotics and Automation", "ICRA 2027"),
        ("Accepted at the ICML 2027 Workshop on Words", "ICML 2027 workshop"),
        ("Accepted at a workshop @ CoRL 2026. Accepted at IROS 2027", "IROS 2027"),
        ("Accepted in MICCAI", "MICCAI"),
        ("Accepted by Phys. Rev. D", "Phys. Rev. D"),
        ("Accepted for publication in IEEE Robotics and Automation Letters (RA-L)", "RA-L"),
        ('To appear in "Algorithmica"', "to appear in Algorithmica"),
        ("Submitted to the Testing Robots journal", "submitted to Testing Robots"),
        ("Accepted for Testing, Verification, and Repair journal.", "Testing, Verification, and Repair"),
        ("Accepted to ACM Words & Pictures AIxWords Workshop 2027", "AIxWords 2027"),
        ("Accepted at the IEEE Workshop 2027 on Words", "accepted"),
        ("Submitted to Nature. 3 figures", "submitted to Nature"),
        ("Submitted to IEEE ICC 2027", "submitted to ICC 2027"),
        ("Under review at COLM 2027", "under review"),
        ("Submitted to the IEEE for possible publication", "under review"),
        ("accepted to the 36th Brazilian Conference on Systems", "accepted"),
        ("APL Materials 14, 011114 (2026)", "APL Materials 2026"),
        ("Part of this work was presented at EUSIPCO 2024", ""),
        ("Extended version of a paper at POPL 2026", ""),
        ("Withdrawn; may be submitted again", ""),
        ("group testing, COVID-19", ""),
        ("12 pages, 3 figures", ""),
        ("submitted to arXiv", ""),
        ("", ""),
    ],
)
def test_the_venue_of_a_comment(comment: str, expected: str) -> None:
    assert venue_in_words(make_paper(comment=comment)) == expected


@pytest.mark.parametrize(
    ("reference", "doi", "comment", "expected"),
    [
        ("Phys. Rev. C 91, 024916 (2015)", None, "To appear in Phys.Rev.C", "Phys. Rev. C 2015"),
        ("Phys.Lett.B573:94-100,2003", None, None, "Phys. Lett. B 2003"),
        ("2021 IEEE Conference on Artificial Intelligence Testing (AITest)", None, None, "AITest 2021"),
        ("Nature 522, 68-72 (04 June 2015)", None, "Submitted to Nature", "Nature 2015"),
        (None, "10.1103/PhysRevD.90.1", None, "Phys. Rev. D"),
        (None, "10.1109/ICST62969.2025.10989020", "8 pages", "ICST 2025"),
        (None, "10.1109/TIT.2011.2148691", None, "IEEE TIT 2011"),
        (None, "10.1109/ICST.2017.52", "Accepted at 10th IEEE ICST", "ICST 2017"),
        (None, "10.1/2", 'To appear in "Algorithmica"', "Algorithmica"),
        (None, "10.1/2", None, ""),
        ("12", None, None, ""),
    ],
)
def test_the_venue_of_a_reference_or_a_doi(
    reference: str | None, doi: str | None, comment: str | None, expected: str
) -> None:
    assert venue_in_words(make_paper(journal_ref=reference, doi=doi, comment=comment)) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("12 pages, 3 figures", "12 pages"),
        ("1 page", "1 page"),
        ("12+5 pages", "12 pages"),
        ("4.5 pages", ""),
        ("3 figures", ""),
        (None, ""),
    ],
)
def test_the_pages_of_a_comment(comment: str | None, expected: str) -> None:
    assert pages_in_words(make_paper(comment=comment)) == expected


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("AAAI-26", "AAAI 2026"),
        ("KDD'26", "KDD 2026"),
        ("FOO'26", "FOO 2026"),
        ("FOO 2026", "FOO 2026"),
        ("IEEE FOO 2026", "FOO 2026"),
        ("COVID-19", ""),
        ("IEEE 2026", ""),
    ],
)
def test_an_acronym_with_a_year_is_a_venue_and_with_a_dash_only_if_it_is_known(text: str, venue: str) -> None:
    found = venue_names.DATED.search(text)
    assert found is not None
    assert venue_names.dated(found) == venue
