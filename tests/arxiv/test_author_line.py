"""How arXiv divides its line of authors: rules of its code, and lines of real records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.author_line import authors_of


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("I. Csiszar, F. Hiai and D. Petz", ["I. Csiszar", "F. Hiai", "D. Petz"]),
        ("M.L. Terranova, and F. Toschi", ["M. L. Terranova", "F. Toschi"]),
        ("V.P.Mineev", ["V. P. Mineev"]),
        ("J.-P. Serre & Ada Lovelace", ["J. -P. Serre", "Ada Lovelace"]),
        ("Jose Manuel Casas and Tim Van der Linden", ["Jose Manuel Casas", "Tim Van der Linden"]),
        (
            r"Francois Delarue (PMA), Fr\'ed\'eric Lagouti\`ere (LJLL)",
            ["Francois Delarue", "Frédéric Lagoutière"],
        ),
        (
            "C. Neri (Lloyds Banking Group, London, UK) and L. Schneider (EMLYON, Lyon, France)",
            ["C. Neri", "L. Schneider"],
        ),
        (
            "Bruno Dias (1), Leandro Kerber (1 and 3) and Thais Idiart (1) ((1) IAG, (2) NAT, (3) UESC)",
            ["Bruno Dias", "Leandro Kerber", "Thais Idiart"],
        ),
        (
            r"Achill Sch{\"u}rmann (with an appendix by Mathieu Dutour Sikiri\'c)",
            ["Achill Schürmann"],
        ),
        (
            "Waldyr A. Rodrigues Jr, A. Bee, Jr., C. Dee, III",
            ["Waldyr A. Rodrigues Jr", "A. Bee Jr.", "C. Dee III"],
        ),
        ("LHCb collaboration: R. Aaij, C. Abellan, et al.", ["LHCb collaboration", "R. Aaij", "C. Abellan"]),
        (r"{\.I}nan\c{c} Kaya", ["İnanç Kaya"]),
        ("Plato", ["Plato"]),
        ("A. Bee (never closed, C. Dee", ["A. Bee"]),
        ("A. Bee), C. Dee", ["A. Bee", "C. Dee"]),
        (" , ,, ", []),
        ("", []),
    ],
)
def test_a_line_is_divided_into_names(line: str, names: list[str]):
    assert list(authors_of(line)) == names


@given(st.text(alphabet="(),.: and&\\'e{}", max_size=60))
def test_any_line_can_be_divided(line: str):
    assert all(name == name.strip() != "" for name in authors_of(line))
