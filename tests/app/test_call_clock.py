"""The clock of the calls while the machine's clock is set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.app.call_clock import SMALL_S, WAITS_S, CallClock
from screenpop.calls.call_log import CLOCK_SET_S
from tests.calls.test_call_log import answered_call

HOUR = 3600.0


class Machine:
    """A machine whose time passes, and whose clock is set, as a test wants."""

    def __init__(self, at: float = 1_796_000_000.0) -> None:
        self.at, self.up = at, 50.0
        self.clock = CallClock(lambda: self.at, lambda: self.up)

    def passes(self, seconds: float) -> None:
        self.at, self.up = self.at + seconds, self.up + seconds


@pytest.mark.parametrize("step", [HOUR, -HOUR, 24 * HOUR, -24 * HOUR, SMALL_S + 0.01])
def test_a_step_waits_until_no_call_is_live_but_not_for_ever(step: float) -> None:
    machine = Machine()
    began = machine.clock()
    machine.passes(5)
    machine.at += step
    assert machine.clock.follow(is_idle=False) == 0.0
    machine.passes(5)
    assert machine.clock() - began == pytest.approx(10)
    assert machine.clock.follow(is_idle=True) == pytest.approx(step)
    assert machine.clock() == pytest.approx(machine.at)

    machine.at += step
    assert machine.clock.follow(is_idle=False) == 0.0
    machine.passes(WAITS_S - 0.01)
    assert machine.clock.follow(is_idle=False) == 0.0
    machine.passes(0.01)
    assert machine.clock.follow(is_idle=False) == pytest.approx(step)


def test_a_machine_that_began_in_1970_has_the_time_once_it_has_it() -> None:
    machine = Machine(at=30.0)
    machine.at = 1_796_000_000.0
    assert machine.clock.follow(is_idle=True) == pytest.approx(1_796_000_000.0 - 30)


def test_small_corrections_are_followed_at_once_and_a_step_that_is_undone_is_none() -> None:
    machine = Machine()
    machine.at += SMALL_S
    assert machine.clock.follow(is_idle=False) == 0.0
    assert machine.clock() == pytest.approx(machine.at)
    machine.at += HOUR
    machine.clock.follow(is_idle=False)
    machine.at -= HOUR
    machine.clock.follow(is_idle=False)
    machine.passes(WAITS_S)
    machine.at += HOUR
    assert machine.clock.follow(is_idle=False) == 0.0  # it waits anew


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(-1e6, 1e6), st.booleans()), max_size=20))
def test_after_the_longest_wait_the_clock_is_right_whatever_was_set(
    days: list[tuple[float, float, bool]],
) -> None:
    machine = Machine()
    for seconds, step, is_idle in days:
        machine.passes(seconds)
        machine.at += step
        machine.clock.follow(is_idle=is_idle)
    machine.clock.follow(is_idle=False)
    machine.passes(WAITS_S + 1)
    machine.clock.follow(is_idle=False)
    assert machine.clock() == pytest.approx(machine.at, abs=SMALL_S)


@pytest.mark.parametrize(
    ("step", "estimated", "wait_s", "talk_s"),
    [
        (CLOCK_SET_S, False, 5.0, 120.0),
        (CLOCK_SET_S + 0.1, False, 5.0, 60.0),
        (-HOUR, False, 5.0, 60.0),
        (24 * HOUR, False, 5.0, 60.0),
        (HOUR, True, 5.0, 60.0 + HOUR),
    ],
)
def test_the_clock_of_a_pbx_that_was_set_in_a_call_makes_no_duration(
    step: float, estimated: bool, wait_s: float, talk_s: float
) -> None:
    entry = answered_call(pbx_step=step, estimated=estimated)
    assert (entry.wait_s, entry.talk_s) == (wait_s, talk_s)
