"""How many calls an agent places from a page in an hour."""

import pytest

from screenpop.agents.agent import AgentId
from screenpop.service.click_to_call import HOUR_S, CallsPerHour


@pytest.mark.defends("toll-fraud")
def test_so_many_calls_of_each_agent_are_placed_in_an_hour() -> None:
    now = [100.0]
    calls = CallsPerHour(2, lambda: now[0])
    maryam, eleni = AgentId(1), AgentId(2)
    assert [calls.take(maryam), calls.take(maryam), calls.take(maryam)] == [True, True, False]
    assert calls.take(eleni)
    now[0] += HOUR_S - 0.001
    assert not calls.take(maryam)
    now[0] += 0.001
    assert [calls.take(maryam), calls.take(maryam), calls.take(maryam)] == [True, True, False]
