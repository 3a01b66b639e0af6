"""Identifiers of papers: how they are read, and that they sort as arXiv announces them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import UserError
from bot.model.papers import PaperId


@pytest.mark.parametrize(
    ("typed", "identifier", "version"),
    [
        ("2607.16206", "2607.16206", None),
        (" 2607.16206v2 ", "2607.16206", 2),
        ("arXiv:2607.16206", "2607.16206", None),
        ("arxiv: 0704.0001v12", "0704.0001", 12),
        ("https://arxiv.org/abs/2607.16206v1", "2607.16206", 1),
        ("http://export.arxiv.org/abs/hep-th/9901001", "hep-th/9901001", None),
        ("arxiv.org/pdf/2607.16206v3.pdf", "2607.16206", 3),
        ("https://www.arxiv.org/pdf/2607.16206?download=1#page=3", "2607.16206", None),
        ("math.GT/0309136v1", "math.GT/0309136", 1),
        ("quant-ph/0201082", "quant-ph/0201082", None),
    ],
)
def test_an_identifier_or_a_link_is_read(typed: str, identifier: str, version: int | None) -> None:
    assert PaperId.parse(typed) == (PaperId(identifier), version)


@pytest.mark.parametrize(
    "typed",
    ["", "attention is all you need", "2613.00001", "2607.123", "2607.16206v0", "hep-th/991", "٢٦٠٧.١٦٢٠٦"],
)
def test_what_is_no_identifier_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(UserError, match=r"is not an arXiv identifier. Use one such as 2607\.16206"):
        PaperId.parse(typed)


@pytest.mark.parametrize(
    ("typed", "month"), [("9999.12345", "99"), ("2600.00001v2", "00"), ("arxiv.org/abs/hep-th/9913001", "13")]
)
def test_a_month_that_there_is_not_is_named(typed: str, month: str) -> None:
    with pytest.raises(UserError, match=rf"there is no month {month}\.$"):
        PaperId.parse(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2611.9041", "2611.9041v2", "arXiv:2611.9041", "https://arxiv.org/abs/2611.9041", "1501.0001",
        "arxiv.org/pdf/2607.1620.pdf", "9912.1234", "1412.00001", "0704.00001", "1001.12345v1",
        "http://export.arxiv.org/abs/0912.12345",
    ],
)  # fmt: skip
def test_a_number_with_too_few_or_too_many_digits_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match=r"have five digits after the dot, and earlier ones four\.$"):
        PaperId.parse(typed)


@pytest.mark.parametrize("typed", ["1412.9999", "0704.0001", "1501.00001", "2611.09041"])
def test_four_digits_until_2014_and_five_since_are_read(typed: str) -> None:
    assert PaperId.parse(typed) == (PaperId(typed), None)


@given(st.text())
def test_any_text_is_an_identifier_or_a_sentence(text: str) -> None:
    try:
        identifier, _ = PaperId.parse(text)
    except UserError:
        return
    assert identifier.serial > 0 or "/" in identifier.text


@pytest.mark.parametrize("text", ["", "nonsense", "2607.16206v1", "hep-th/991"])
def test_what_is_no_identifier_is_never_sorted_among_them(text: str) -> None:
    assert PaperId(text).month is None
    with pytest.raises(ValueError, match="not an arXiv identifier"):
        _ = PaperId(text).number
    with pytest.raises(ValueError, match="not an arXiv identifier"):
        _ = PaperId(text) < PaperId("2607.16206")


def test_identifiers_sort_as_they_are_announced_not_as_text() -> None:
    announced = [
        "hep-th/9108001",
        "hep-th/9901001",
        "math.GT/0309136",
        "hep-th/0703001",
        "0704.0001",
        "1412.9999",
        "1501.00001",
        "2512.20000",
        "2601.00001",
    ]
    assert sorted(map(PaperId, reversed(announced))) == list(map(PaperId, announced))


@pytest.mark.parametrize(
    ("identifier", "begins"),
    [
        ("2607.16206", (2026, 7)),
        ("0704.0046", (2007, 4)),
        ("hep-th/9901001", (1999, 1)),
        ("math.GT/0309136", (2003, 9)),
        ("9107.00001", (2091, 7)),
    ],
)
def test_an_identifier_names_a_month(identifier: str, begins: tuple[int, int]) -> None:
    assert PaperId(identifier).month_begins == datetime(*begins, 1, tzinfo=UTC)
