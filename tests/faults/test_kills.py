"""A killed server loses no call that was on a screen and nothing that was reported as saved."""

from pathlib import Path

import pytest

from tests.faults.acknowledged_work import KINDS
from tests.faults.kills import kill_again_and_again

pytestmark = pytest.mark.anyio

BUSY_BOUND_S = 3.0
"""Other tests run at the same time and hold the server up; the command demands one second."""


async def test_no_call_seen_and_nothing_acknowledged_is_lost_when_the_server_is_killed(
    tmp_path: Path,
) -> None:
    figures = await kill_again_and_again(tmp_path, kills=4, seed=7, bound_s=BUSY_BOUND_S)
    assert figures.is_clean, str(figures)
    assert figures.calls_seen >= 4, str(figures)
    assert figures.notes_saved >= 1, str(figures)
    assert {"purpose", "pause", "offer"} <= set(figures.work_saved) <= KINDS, str(figures)
