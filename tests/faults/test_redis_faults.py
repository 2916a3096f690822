"""Whatever happens to Redis, each browser ends with the listener's picture and without a gap."""

import pytest

from tests.faults.redis_faults import FAULTS, STEPS_A_FAULT, fail_again_and_again, shorten_waits
from tests.redis_server import running_redis

pytestmark = pytest.mark.anyio


async def test_browsers_have_the_true_picture_after_each_kind_of_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shorten_waits(monkeypatch)
    with running_redis() as server:
        steps = STEPS_A_FAULT * (len(FAULTS) + 6)
        figures = await fail_again_and_again(server, steps, seed=7)
    assert figures.is_clean, str(figures)
    assert set(figures.faults) == set(FAULTS)
    assert figures.joins["Resumed"] > 0
    assert figures.requests
