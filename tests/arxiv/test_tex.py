r"""What arXiv's index makes of TeX, seen in real papers and in arXiv's own code."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.oai import parse_records
from bot.arxiv.tex import as_indexed
from bot.model.papers import Paper
from tests.fakes.tex import to_tex
from tests.shared import SHARED, needs_shared


@pytest.mark.parametrize(
    ("tex", "indexed"),
    [
        # as in real papers of the query API
        (r"Schr{\"o}dinger equation", "Schr{ö}dinger equation"),
        (r"$\Delta_{\phi} \approx 0.81$", r"$Δ_φ \approx 0.81$"),
        (r"a field $\varphi \sim \phi^2$", r"a field $\varphi \sim φ^2$"),
        (r"$\delta \approx 0.15$", r"$δ\approx 0.15$"),
        (r"O$_{7-\delta}$", r"O$_{7-δ}$"),
        (r"$2 < \gamma < 3$", "$2 < γ< 3$"),
        (r"$\Delta_{\alpha0}$", r"$Δ_{\alpha0}$"),
        (r"$\varepsilon$ and $\epsilon$", r"$\varepsilon$ and $ε$"),
        (r"the ratio \r{ho} = N/KM", r"the ratio \r{ho} = N/KM"),
        (r"$\hat{m}(\theta=90^{\circ},\phi)$", r"$\hat{m}(θ=90^{\circ},φ)$"),
        ("\\textbf{bold} and 90\\% of \\{x\\}", "\\textbf{bold} and 90\\% of \\{x\\}"),
        # as arXiv's code has it
        (r"\'E\`e\^o\~n\=a\.z\"u", "Éèôñāżü"),
        (r"\'{e}\c{c}\v{s}\H{o}\k{a}\r{a}\u{g}", "éçšőąåğ"),
        (r"\ss\ \O\ {\ae} {\L}\'od\'z", "ß Ø æ Łódź"),
        (r"na\"{\i}ve and na\"\i ve", 'naïve and na\\"ıve'),
        (r"\S 3, \P, \copyright 2026", "§3, ¶, ©2026"),
        (r"\'b \~e \v{b}", "b e vb"),
        (r"\t{o}o {\j} \j a", "oo j ja"),
        (r"\'{{e}}", "é"),
        (r"\int \Sigma_x \Sigmax", r"\int Σ_x \Sigmax"),
        # as arXiv's sample of its database has it, with backslashes doubled and more
        (r"Fr\\'ed\\'eric", "Frédéric"),
        (r"Sch\\\"urmann", "Schürmann"),
        ("no macro", "no macro"),
    ],
)
def test_text_is_what_arxivs_index_makes_of_it(tex: str, indexed: str):
    assert as_indexed(tex) == indexed


@given(st.text(alphabet="éüñçšåßøłπαμ漢 ab-$", max_size=40))
def test_what_is_written_in_tex_is_read_again(text: str):
    assert as_indexed(to_tex(text)) == text


@given(st.text(alphabet="\\{}$'\"ai c", max_size=30))
def test_any_text_can_be_read_and_nothing_grows(text: str):
    assert len(as_indexed(text)) <= len(text)


def real_records() -> list[Paper]:
    files = sorted((SHARED / "arxiv" / "oai").glob("official_ListRecords_arXivRaw_*.xml"))
    return [record.paper for file in files for record in parse_records(file.read_bytes()).records]


@needs_shared
def test_no_accent_and_no_greek_letter_of_a_real_record_is_left_in_tex():
    """What is left are other macros, quotes that the database has escaped, and letters next to digits."""
    accent = re.compile(r"""\\['`^~=.][A-Za-z]|\\"[AEIOUaeiou]|\\[cHkruv]\{[A-Za-z]\}""")
    greek = re.compile(r"\\(?:alpha|beta|gamma|delta|lambda|mu|nu|pi|rho|sigma|phi|omega|Delta)\b")
    for paper in real_records():
        for text in (paper.title, paper.abstract, *paper.authors, paper.comment or ""):
            assert not accent.search(text), text
            assert not greek.search(text), text


@needs_shared
def test_real_names_are_whole_words():
    names = {name for paper in real_records() for name in paper.authors}
    assert {
        "Frédéric Lagoutière",
        "Achill Schürmann",
        "Patrick Plötz",
        "Pablo Román",
        "Joël Goossens",
    } <= names
    assert not [name for name in names if re.search(r"[\\{}()]|\d", name)]
