"""The folder beside a checkout with arXiv's real answers and Discord's own description, if there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the real data is not beside this checkout ({SHARED.name}/ is missing)"
)
