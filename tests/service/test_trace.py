"""Every call explains itself."""

from screenpop.accounts.users import UserId
from screenpop.service.trace import MOST_STEPS, Trace
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
