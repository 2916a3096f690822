"""Pages whose lines break at random lose no message and no card."""

from pathlib import Path

import pytest

from tests.faults.disconnects import break_lines

pytestmark = pytest.mark.anyio


async def test_pages_lose_nothing_and_take_nothing_twice_when_their_lines_break(
    tmp_path: Path,
) -> None:
    figures = await break_lines(tmp_path, disconnects=80, seed=3)
    assert figures.is_clean, (str(figures), figures.problems, figures.stale)
    assert figures.resumed >= 20, str(figures)
    assert {"reset", "half-close", "blackhole"} <= figures.by_fault.keys(), str(figures)
