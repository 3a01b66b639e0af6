"""Papers as JSON objects `{id, title, abstract, version?, authors?, …}`, and files with one on each line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.errors import FileError, UserError
from bot.model.papers import Paper, PaperId
from bot.model.withdrawal import says_withdrawn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def papers_from_jsonl(path: Path) -> Iterator[Paper]:
    """Yield the papers in the file *path*, gzipped or not; blank lines are skipped.

    A missing optional field gets its default: `published` that of `updated` and vice versa, 1970 for both.

    Raises:
        FileError: the file cannot be read, or a line is not a paper; the message names the line.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _paper(line, f"{path}, line {number}")
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or "not a complete gzip file"
        raise FileError(f"{path} cannot be read ({reason.lower()}).") from problem


def row(paper: Paper) -> dict[str, Any]:
    """Return *paper* as a JSON object whose keys are the columns of the table `papers`."""
    return {
        "id": paper.id.text,
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "primary_category": paper.primary_category,
        "published": paper.published.isoformat(),
        "updated": paper.updated.isoformat(),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
        "withdrawn": paper.withdrawn,
    }


def _paper(line: bytes, where: str) -> Paper:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise FileError(f"{where}: this is not JSON.") from problem
    if not isinstance(row, dict):
        raise FileError(f"{where}: a paper must be a JSON object with id, title and abstract.")
    fields = _Fields(row, where)
    paper_id, version = fields.identifier()
    categories = fields.texts("categories")
    published, updated = fields.moment("published"), fields.moment("updated")
    comment = fields.text("comment")
    return Paper(
        id=paper_id,
        version=version,
        title=fields.required("title"),
        abstract=fields.required("abstract"),
        authors=fields.texts("authors"),
        categories=categories,
        primary_category=fields.text("primary_category") or (categories[0] if categories else ""),
        published=published or updated or _EPOCH,
        updated=updated or published or _EPOCH,
        comment=comment,
        journal_ref=fields.text("journal_ref"),
        doi=fields.text("doi"),
        withdrawn=fields.flag("withdrawn", default=says_withdrawn(comment)),
    )


class _Fields:
    """The fields of one object, checked when they are read. Error messages begin with *where*."""

    def __init__(self, row: Mapping[str, Any], where: str) -> None:
        self._row = row
        self._where = where

    def _refuse(self, name: str, wanted: str) -> FileError:
        return FileError(f"{self._where}: “{name}” must be {wanted}.")

    def identifier(self) -> tuple[PaperId, int]:
        text = self._row.get("id")
        if not isinstance(text, str):
            raise self._refuse("id", "an arXiv identifier such as 2607.16206")
        try:
            paper_id, named = PaperId.parse(text)
        except UserError as problem:
            raise FileError(f"{self._where}: {problem}") from problem
        version = self._row.get("version", named or 1)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise self._refuse("version", "a whole number from 1")
        return paper_id, version

    def text(self, name: str) -> str | None:
        value = self._row.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._refuse(name, "a string")
        return " ".join(value.split()) or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None and not isinstance(self._row.get(name), str):
            raise self._refuse(name, "present, as a string")
        return value or ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._row.get(name) or ()
        if isinstance(value, str):  # in Kaggle's snapshot of arXiv, categories are one string
            value = value.split() if name == "categories" else [value]
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self._refuse(name, "a list of strings")
        return tuple(" ".join(item.split()) for item in value if item.strip())

    def moment(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError) as problem:  # year 1 of a time zone may be year 0 in UTC
            raise self._refuse(name, "a date such as 2026-01-31T12:00:00Z") from problem

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._row.get(name, default)
        if not isinstance(value, bool):
            raise self._refuse(name, "true or false")
        return value
