"""Every call explains itself."""

import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.events import Correction, StopReason
from screenpop.service.trace import MOST_STEPS, Trace
from screenpop.telephony.identifiers import LegId
from tests.service.event_script import Story
from tests.service.service_under_test import Office


def steps(office: Office) -> list[dict[str, object]]:
    return list(office.kept[-1].trace)


def test_the_trace_has_the_number_of_pages_open_for_the_card() -> None:
    office = Office(readers=lambda user: {UserId(1): 2}.get(user, 0))
    story = Story()
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    office.handles(story.ends())
    reported = [(one["agent"], one["count"]) for one in steps(office) if one["step"] == "browsers"]
    assert reported == [("Maryam", 2), ("Eleni", 0)]


def test_a_card_that_only_changes_asks_for_no_pages_again() -> None:
    office = Office(readers=lambda _: 1)
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    office.handles(story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
    assert [one["step"] for one in steps(office)].count("browsers") == 1


def test_the_trace_goes_from_the_arrival_to_the_end() -> None:
    office = Office(readers=lambda _: 1)
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    office.handles(story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
    reported = list(dict.fromkeys(one["step"] for one in steps(office)))
    wanted = ["caller", "arrived", "dialled", "matched", "browsers", "card", "answered", "left"]
    assert reported == [*wanted, "ended"]
    assert all(float(str(one["at"])) > 1e9 for one in steps(office))


def test_a_call_that_goes_on_for_ever_does_not_grow_for_ever() -> None:
    trace = Trace()
    for number in range(MOST_STEPS * 2):
        trace.add(float(number), "held")
    assert len(trace.steps) == MOST_STEPS + 1
    assert trace.steps[-1]["step"] == "more_left_out"


def test_a_step_reported_later_is_before_what_happened_after_it() -> None:
    trace = Trace()
    for at in (1.0, 2.0, 3.0):
        trace.add(at, "held")
    leg = LegId("1.1")
    trace.stopped[leg] = 2
    trace.add_earlier(2.0, "painted")
    assert [(step["at"], step["step"]) for step in trace.steps] == [
        (1.0, "held"),
        (2.0, "held"),
        (2.0, "painted"),
        (3.0, "held"),
    ]
    trace.correct((Correction(leg, StopReason.BUSY, None),))
    assert trace.steps[3]["reason"] == "busy"


@pytest.mark.parametrize(("steps", "place"), [(199, 0), (200, 200)])
def test_what_a_full_trace_leaves_out_stays_its_last_step(steps: int, place: int) -> None:
    trace = Trace()
    for number in range(steps):
        trace.add(float(number + 1), "held")
    trace.add_earlier(0.0, "painted")
    (index,) = [i for i, step in enumerate(trace.steps) if step["step"] != "held"]
    assert index == place
    assert trace.steps[index]["step"] == ("painted" if place == 0 else "more_left_out")
