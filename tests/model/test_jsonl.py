from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.errors import FileError
from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import PaperId
from tests.shared import SHARED, needs_shared

ROW = {"id": "2601.00001", "version": 2, "title": "A\n title", "abstract": "Text"}


def written(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "papers.jsonl"
    path.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines))
    return path


def test_a_row_becomes_a_paper_and_missing_fields_get_defaults(tmp_path: Path) -> None:
    (paper,) = papers_from_jsonl(written(tmp_path, json.dumps(ROW), "", "  "))
    assert (paper.id, paper.version, paper.title) == (PaperId("2601.00001"), 2, "A title")
    assert (paper.authors, paper.categories, paper.primary_category, paper.comment) == ((), (), "", None)
    assert paper.published == paper.updated == datetime(1970, 1, 1, tzinfo=UTC)


def test_every_field_is_read(tmp_path: Path) -> None:
    row = ROW | {
        "id": "2601.00001v3",
        "authors": ["Ann  B", "C"],
        "categories": ["cs.LG", "stat.ML"],
        "updated": "2026-01-31T12:00:00+02:00",
        "comment": "Withdrawn by the authors",
        "journal_ref": "PRB",
        "doi": "10.1/x",
    }
    del row["version"]
    (paper,) = papers_from_jsonl(written(tmp_path, json.dumps(row)))
    assert (paper.version, paper.authors, paper.primary_category) == (3, ("Ann B", "C"), "cs.LG")
    assert paper.published == paper.updated == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert (paper.withdrawn, paper.journal_ref, paper.doi) == (True, "PRB", "10.1/x")


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("categories", "cs.LG stat.ML", ("cs.LG", "stat.ML")),  # as in Kaggle's snapshot of arXiv
        ("categories", ["cs.LG", " "], ("cs.LG",)),
        ("categories", "", ()),
        ("authors", "Ann B. Lee", ("Ann B. Lee",)),
        ("authors", ["Ann  B", ""], ("Ann B",)),
        ("authors", None, ()),
    ],
)
def test_a_list_may_be_one_string(tmp_path: Path, field: str, value: object, read: tuple[str, ...]) -> None:
    (paper,) = papers_from_jsonl(written(tmp_path, json.dumps(ROW | {field: value})))
    assert getattr(paper, field) == read


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "this is not JSON"),
        (b"\xff\xfe", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "JSON object"),
        ("{}", "“id” must be"),
        (json.dumps(ROW | {"id": "nonsense"}), "not an arXiv identifier"),
        (json.dumps(ROW | {"version": "2"}), "“version” must be"),
        (json.dumps(ROW | {"version": True}), "“version” must be"),
        (json.dumps(ROW | {"version": 0}), "“version” must be"),
        (json.dumps(ROW | {"title": None}), "“title” must be"),
        (json.dumps({key: ROW[key] for key in ("id", "version", "title")}), "“abstract” must be"),
        (json.dumps(ROW | {"authors": [1]}), "“authors” must be"),
        (json.dumps(ROW | {"updated": "yesterday"}), "“updated” must be"),
        (json.dumps(ROW | {"comment": 5}), "“comment” must be"),
        (json.dumps(ROW | {"withdrawn": "no"}), "“withdrawn” must be"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_number(tmp_path: Path, line: str | bytes, reason: str) -> None:
    path = written(tmp_path, json.dumps(ROW), "", line)
    with pytest.raises(FileError) as caught:
        list(papers_from_jsonl(path))
    assert "line 3" in str(caught.value)
    assert reason in str(caught.value)


def test_a_missing_a_truncated_and_a_false_gzip_file_are_refused_in_a_sentence(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(ROW).encode() * 50)
    cut, false = tmp_path / "cut.jsonl.gz", tmp_path / "false.jsonl.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    false.write_bytes(b"{}")
    for path in (tmp_path / "missing.jsonl", cut, false, tmp_path):
        with pytest.raises(FileError, match="cannot be read"):
            list(papers_from_jsonl(path))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


OPTIONAL = ["authors", "categories", "updated", "published", "comment", "doi", "withdrawn"]
rows = st.fixed_dictionaries(dict.fromkeys(ROW, json_values), optional=dict.fromkeys(OPTIONAL, json_values))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_any_row_is_a_paper_or_a_sentence(tmp_path: Path, row: dict[str, object]) -> None:
    row = row | {"id": "2601.00001"}
    try:
        assert len(list(papers_from_jsonl(written(tmp_path, json.dumps(row))))) == 1
    except FileError as error:
        assert "line 1" in str(error)  # noqa: PT017 - either outcome is right


@needs_shared
def test_real_papers_are_read() -> None:
    assert len(list(papers_from_jsonl(SHARED / "arxiv" / "parity_papers.jsonl.gz"))) == 5_267
