"""What the tests of the configuration share: files, and the mistakes that are found in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.config import load
from bot.model.errors import ConfigError

LOOPBACK = {"PAPERS_ARXIV__API_URL": "http://127.0.0.1:8000/api/query"}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path | None = None, environ: dict[str, str] | None = None, **more: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ=environ or {}, **more)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def flat(model: BaseModel) -> dict[str, Any]:
    """Return the values of *model* by dotted path."""
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            found |= {f"{name}.{key}": inner for key, inner in flat(value).items()}
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found
