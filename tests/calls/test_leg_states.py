"""The table of a leg's steps."""

from screenpop.calls.leg_states import TRANSITIONS, LegStage, can_transition


def test_every_step_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(LegStage)


def test_no_path_leads_back() -> None:
    def reach(step: LegStage) -> set[LegStage]:
        return set(TRANSITIONS[step]).union(*(reach(then) for then in TRANSITIONS[step]))

    assert all(step not in reach(step) for step in LegStage)


def test_what_is_over_stays_over() -> None:
    assert not any(can_transition(LegStage.ENDED, then) for then in LegStage)
    assert not any(can_transition(LegStage.STOPPED, then) for then in LegStage)
