"""The agent's states: an example of each step, and what holds in any order of steps."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from screenpop.agents.availability import (
    EXTENSION_S,
    MAX_REASON_LENGTH,
    MAX_WRAP_UP_S,
    OFFLINE_AFTER_S,
    WRAP_UP_REASON,
    AgentState,
    Availability,
    Pause,
    PauseReason,
    WrapUpError,
    call_began,
    call_ended,
    next_limit,
    pages_counted,
    pause_named,
    paused,
    resumed,
    time_passed,
    wrap_up_ended,
    wrap_up_extended,
)

LUNCH = Pause(PauseReason.LUNCH)
AT_WORK = Availability(since=100.0, is_online=True)


def test_wrap_up_follows_a_conversation_and_ends_at_its_limit() -> None:
    busy = call_began(AT_WORK, 110.0)
    assert (busy.state, busy.since) == (AgentState.ON_CALL, 110.0)
    after = call_ended(busy, 150.0, 30.0)
    assert (after.state, after.since, next_limit(after)) == (AgentState.WRAP_UP, 150.0, 180.0)
    assert after.queue_reason == WRAP_UP_REASON
    assert time_passed(after, 179.999).state is AgentState.WRAP_UP
    over = time_passed(after, 180.0)
    assert (over.state, over.since, over.queue_reason) == (AgentState.AVAILABLE, 180.0, "")


def test_late_tick_ends_wrap_up_at_its_own_time() -> None:
    after = call_ended(call_began(AT_WORK, 110.0), 150.0, 30.0)
    assert time_passed(after, 500.0).since == 180.0


@pytest.mark.parametrize("wrap_up_s", [0.0, -1.0])
def test_no_wrap_up_without_seconds_for_it(wrap_up_s: float) -> None:
    assert call_ended(call_began(AT_WORK, 1.0), 2.0, wrap_up_s).state is AgentState.AVAILABLE


def test_pause_during_a_call_shows_when_the_call_has_ended_and_needs_no_wrap_up() -> None:
    busy = paused(call_began(AT_WORK, 110.0), LUNCH, 120.0)
    assert (busy.state, busy.since, busy.queue_reason) == (AgentState.ON_CALL, 110.0, "lunch")
    after = call_ended(busy, 150.0, 30.0)
    assert (after.state, after.since, after.shown_pause) == (AgentState.PAUSED, 150.0, LUNCH)


def test_another_reason_begins_a_new_time_and_the_same_one_does_not() -> None:
    lunch = paused(AT_WORK, LUNCH, 110.0)
    assert paused(lunch, LUNCH, 120.0) == lunch
    meeting = paused(lunch, Pause(PauseReason.MEETING), 130.0)
    assert (meeting.since, meeting.shown_pause) == (130.0, Pause(PauseReason.MEETING))


def test_available_ends_pause_and_wrap_up() -> None:
    assert resumed(paused(AT_WORK, LUNCH, 110.0), 120.0).state is AgentState.AVAILABLE
    wraps_up = call_ended(call_began(AT_WORK, 110.0), 150.0, 30.0)
    assert resumed(wraps_up, 160.0).state is AgentState.AVAILABLE


def test_wrap_up_is_ended_early_or_extended() -> None:
    wraps_up = call_ended(call_began(AT_WORK, 110.0), 150.0, 30.0)
    longer = wrap_up_extended(wraps_up, 170.0)
    assert (longer.wrap_up_until, longer.since) == (180.0 + EXTENSION_S, 150.0)
    assert (wrap_up_ended(longer, 175.0).state, next_limit(wrap_up_ended(longer, 175.0))) == (
        AgentState.AVAILABLE,
        None,
    )


def test_without_a_wrap_up_none_is_ended_or_extended() -> None:
    for change in (wrap_up_ended, wrap_up_extended):
        with pytest.raises(WrapUpError) as refused:
            change(AT_WORK, 110.0)
        assert refused.value.code == "no_wrap_up"


def test_wrap_up_is_extended_up_to_its_limit_and_not_beyond() -> None:
    wraps_up = replace(AT_WORK, wrap_up_until=1000.0 + MAX_WRAP_UP_S - EXTENSION_S)
    assert wrap_up_extended(wraps_up, 1000.0).wrap_up_until == 1000.0 + MAX_WRAP_UP_S
    with pytest.raises(WrapUpError) as refused:
        wrap_up_extended(wraps_up, 999.9)
    assert refused.value.code == "wrap_up_too_long"
    longest = call_ended(call_began(AT_WORK, 110.0), 150.0, MAX_WRAP_UP_S + 1)
    assert longest.wrap_up_until == 150.0 + MAX_WRAP_UP_S


def test_agent_is_offline_when_no_page_has_been_open_for_the_limit() -> None:
    left = pages_counted(AT_WORK, 0, 200.0)
    assert pages_counted(left, 0, 205.0).left_at == 200.0
    assert time_passed(left, 200.0 + OFFLINE_AFTER_S - 0.001).state is AgentState.AVAILABLE
    gone = time_passed(left, 200.0 + OFFLINE_AFTER_S)
    assert (gone.state, gone.since) == (AgentState.OFFLINE, 200.0 + OFFLINE_AFTER_S)
    back = pages_counted(gone, 1, 300.0)
    assert (back.state, back.since) == (AgentState.AVAILABLE, 300.0)


def test_page_that_is_loaded_again_leaves_the_state_as_it_was() -> None:
    again = pages_counted(pages_counted(AT_WORK, 0, 200.0), 2, 203.0)
    assert again == AT_WORK


def test_pause_survives_an_absence_and_stays_known_to_the_queues() -> None:
    gone = time_passed(pages_counted(paused(AT_WORK, LUNCH, 110.0), 0, 200.0), 300.0)
    assert (gone.state, gone.shown_pause, gone.queue_reason) == (AgentState.OFFLINE, None, "lunch")
    assert pages_counted(gone, 1, 400.0).shown_pause == LUNCH


def test_call_of_an_offline_agent_has_no_wrap_up() -> None:
    offline = Availability(since=0.0)
    busy = call_began(offline, 10.0)
    assert busy.state is AgentState.ON_CALL
    assert call_ended(busy, 20.0, 30.0).state is AgentState.OFFLINE


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("lunch", LUNCH),
        (" Lunch ", LUNCH),
        ("Back office", Pause(PauseReason.BACK_OFFICE)),
        ("back-office", Pause(PauseReason.BACK_OFFICE)),
        ("", Pause(PauseReason.OTHER)),
        ("ناهار", Pause(PauseReason.OTHER, "ناهار")),
        ("Den\x07tist\r\n", Pause(PauseReason.OTHER, "Dentist")),
    ],
)
def test_reason_in_the_words_of_the_pbx(text: str, pause: Pause) -> None:
    assert pause_named(text) == pause


@given(st.text())
def test_any_reason_is_read_as_a_short_line_that_reads_the_same_again(text: str) -> None:
    pause = pause_named(text)
    assert len(pause.text) <= MAX_REASON_LENGTH
    assert pause_named(pause.queue_reason) == pause


times = st.floats(0.0, 200.0)


class AnyOrder(RuleBasedStateMachine):
    """Any order of steps, with the spans that a history would keep."""

    @initialize()
    def begin(self) -> None:
        self.now = 1000.0
        self.agent = Availability(since=self.now, is_online=True)
        self.spans: list[tuple[AgentState, Pause | None, float]] = []
        self._keep()

    def _keep(self) -> None:
        span = (self.agent.state, self.agent.shown_pause, self.agent.since)
        if not self.spans or self.spans[-1] != span:
            self.spans.append(span)

    def _becomes(self, agent: Availability) -> None:
        self.agent = agent
        self._keep()

    @rule(seconds=times)
    def passes(self, seconds: float) -> None:
        self.now += seconds
        self._becomes(time_passed(self.agent, self.now))

    @rule(pages=st.integers(0, 3))
    def counts_pages(self, pages: int) -> None:
        self._becomes(pages_counted(self.agent, pages, self.now))

    @rule()
    def begins_a_call(self) -> None:
        self._becomes(call_began(self.agent, self.now))

    @rule(wrap_up_s=times)
    def ends_a_call(self, wrap_up_s: float) -> None:
        self._becomes(call_ended(self.agent, self.now, wrap_up_s))

    @rule(reason=st.sampled_from(PauseReason))
    def pauses(self, reason: PauseReason) -> None:
        self._becomes(paused(self.agent, Pause(reason), self.now))

    @rule()
    def resumes(self) -> None:
        self._becomes(resumed(self.agent, self.now))

    @rule(extends=st.booleans())
    def changes_wrap_up(self, extends: bool) -> None:
        try:
            change = wrap_up_extended if extends else wrap_up_ended
            self._becomes(change(self.agent, self.now))
        except WrapUpError:
            assert self.agent.wrap_up_until is None or extends

    @invariant()
    def a_call_or_a_pause_has_no_wrap_up(self) -> None:
        if self.agent.is_on_call or self.agent.pause is not None:
            assert self.agent.wrap_up_until is None

    @invariant()
    def a_wrap_up_is_bounded(self) -> None:
        if self.agent.wrap_up_until is not None:
            assert self.agent.wrap_up_until - self.now <= MAX_WRAP_UP_S

    @invariant()
    def the_queues_pause_exactly_what_is_paused_or_wraps_up(self) -> None:
        waits = self.agent.pause is not None or self.agent.wrap_up_until is not None
        assert bool(self.agent.queue_reason) is waits

    @invariant()
    def spans_follow_each_other_and_differ(self) -> None:
        for before, after in zip(self.spans, self.spans[1:], strict=False):
            assert before[2] <= after[2] <= self.now
            assert before[:2] != after[:2]


TestAnyOrder = AnyOrder.TestCase
