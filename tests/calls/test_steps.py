"""The table of a leg's steps."""

from screenpop.calls.steps import NEXT_STEPS, LegStep, may_step


def test_every_step_stands_in_the_table() -> None:
    assert set(NEXT_STEPS) == set(LegStep)


def test_no_path_leads_back() -> None:
    def reach(step: LegStep) -> set[LegStep]:
        return set(NEXT_STEPS[step]).union(*(reach(then) for then in NEXT_STEPS[step]))

    assert all(step not in reach(step) for step in LegStep)


def test_what_is_over_stays_over() -> None:
    assert not any(may_step(LegStep.ENDED, then) for then in LegStep)
    assert not any(may_step(LegStep.STOPPED, then) for then in LegStep)
