"""What arXiv's own search answered to queries that people really run, and the papers in its answers."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import Paper
from tests.shared import SHARED

PAPERS = SHARED / "arxiv" / "parity_papers.jsonl.gz"
QUERIES = SHARED / "arxiv" / "parity_queries.jsonl.gz"


@cache
def papers() -> list[Paper]:
    return list(papers_from_jsonl(PAPERS))


@cache
def rows() -> list[dict[str, Any]]:
    with gzip.open(QUERIES) as lines:
        return [json.loads(line) for line in lines]
