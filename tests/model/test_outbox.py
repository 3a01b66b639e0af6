from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.outbox import EditSubject, PageSubject, PaperSubject, Subject, parse_subject
from bot.model.papers import PaperId

NEW_STYLE, OLD_STYLE = PaperId("2607.16206"), PaperId("solv-int/9901001")

papers = st.one_of(
    st.from_regex(r"\d\d(0[1-9]|1[0-2])\.\d{4,5}", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}(-[a-z]{2,3})?(\.[A-Z]{2})?/\d{7}", fullmatch=True),
).map(PaperId)
versions = st.integers(1, 999)
subjects = st.one_of(
    st.builds(PaperSubject, papers, versions),
    st.builds(EditSubject, papers, versions, st.from_regex(r"[0-9a-f]{8}", fullmatch=True)),
    st.builds(PageSubject, st.dates(date(1991, 8, 14)), st.integers(1, 99)),
)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (PaperSubject(NEW_STYLE, 2), "2607.16206v2"),
        (PaperSubject(OLD_STYLE, 12), "solv-int/9901001v12"),
        (EditSubject(NEW_STYLE, 1, "1f8b3c0d"), "2607.16206v1#1f8b3c0d"),
        (EditSubject(OLD_STYLE, 1, "1f8b3c0d"), "solv-int/9901001v1#1f8b3c0d"),
        (PageSubject(date(2026, 7, 21)), "2026-07-21/1"),
        (PageSubject(date(2026, 7, 21), 12), "2026-07-21/12"),
    ],
)
def test_a_subject_is_stored_as_the_text_that_databases_of_before_hold(subject: Subject, text: str) -> None:
    assert str(subject) == text
    assert parse_subject(text) == subject


@given(subjects)
def test_a_stored_subject_is_read_as_it_was_written(subject: Subject) -> None:
    assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize(
    "text", ["", "2607.16206", "v1", "2607.16206v", "2607.16206vx", "2026-07-21", "2026-07-21/", "#1f8b3c0d"]
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the subject"):
        parse_subject(text)
