"""The caller's part of cards is composed before the ring, once a view, and never out of date."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from typing_extensions import override

from screenpop.accounts.users import Department, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.calls.events import CallEvent
from screenpop.cards.call_facts import CallerFacts
from screenpop.cards.card import CallerPart
from screenpop.cards.compose import caller_part
from screenpop.customers.models import CallerRecord, CustomerId, PersonName
from screenpop.service.caller_bodies import MAX_LINES, MAX_VIEWS, AgentView, CallerBodies, LineViews
from screenpop.service.effects import Publish
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import SIMULATED, CallId
from tests.asterisk.recordings import PLAIN, WITH_TRUTH, name_of
from tests.each import each
from tests.service.event_script import OFFICE, Story
from tests.service.recorded import PHONES_OF_AGENTS, hear
from tests.service.service_under_test import ELENI, LALEH, MARYAM, Office, laleh, people
from tests.service.test_any_day import batches

A_DAY_S = 24 * 3600.0
Act = Callable[[Office], object]


class OfficeComposingAfresh(Office):
    """An office that remembers no caller part from one step to the next."""

    @override
    def _settle(self) -> None:
        forget_bodies(self.screen_pop)
        super()._settle()


def forget_bodies(screen_pop: ScreenPop) -> None:
    screen_pop._line_views = LineViews()
    for file in screen_pop._live.sessions.values():
        file.bodies = CallerBodies()


def staff(
    department: Department, language: str, endpoints_of: dict[UserId, tuple[str, ...]]
) -> Staff:
    """Maryam works in this department and language now."""
    crew = people(phones=endpoints_of)

    def moved(agent: Agent) -> Agent:
        if agent.id != AgentId(MARYAM):
            return agent
        return replace(agent, department=department, language=language)

    agents = [moved(agent) for agent in crew.roster.agents.values()]
    return replace(crew, roster=Roster.of({OFFICE: agents, SIMULATED: agents}))


def other_customer(number: int, order: tuple[str, ...]) -> CallerRecord:
    """Another customer of the same number; names in this order of languages."""
    [file] = laleh().exact
    names = {language: PersonName(f"Given {language}", "Family") for language in order}
    customer = replace(file.customer, id=CustomerId(number), names=names, title=file.customer.title)
    return CallerRecord(LALEH, exact=(replace(file, customer=customer),))


@st.composite
def acts(draw: DrawFn) -> Act:
    kind = draw(st.sampled_from(["staff", "midnight", "records", "note", "hour"]))
    if kind == "staff":
        changed = staff(
            draw(st.sampled_from(Department)),
            draw(st.sampled_from(["en", "fa", "el"])),
            draw(st.sampled_from([{MARYAM: ("101",), ELENI: ("102",)}, dict(PHONES_OF_AGENTS)])),
        )
        return lambda office: office.does(lambda pop: pop.people_changed(changed))
    if kind == "records":
        order = tuple(draw(st.permutations(["en", "fa", "el"])))
        record = other_customer(draw(st.integers(8, 9)), order)

        def looked_up_again(office: Office) -> None:
            office.records[LALEH] = record
            for file in list(office.screen_pop._live.sessions.values()):
                if file.number is not None:
                    office.does(partial(ScreenPop.look_again, number=file.number, now=office.now))

        return looked_up_again
    if kind == "note":
        return lambda office: [
            office.asks(user, "note", card=card, text="calls back")
            for user, cards in list(office.screens.items())
            for card in list(cards)
        ]
    seconds = A_DAY_S if kind == "midnight" else 60.0
    return lambda office: office.waits(seconds)


def published(office: Office) -> list[Publish]:
    return [effect for effect in office.published if effect.kind == "card"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(batches(), st.lists(st.tuples(st.integers(0, 24), acts()), max_size=6), st.booleans())
def test_every_card_is_byte_for_byte_the_one_composed_afresh(
    day: list[list[CallEvent]], between: list[tuple[int, Act]], slow: bool
) -> None:
    offices = (Office(slow=slow), OfficeComposingAfresh(slow=slow))
    for office in offices:
        for place, batch in enumerate(day):
            office.handles(*[replace(one, at=max(one.at, office.now)) for one in batch])
            for when, act in between:
                if when == place:
                    act(office)
        office.waits(A_DAY_S)
    assert published(offices[0]) == published(offices[1])


@pytest.mark.slow
@each([*PLAIN, *WITH_TRUTH], name_of)
def test_a_recorded_call_brings_the_cards_that_are_composed_afresh(path: Path) -> None:
    remembering, afresh = Office(), OfficeComposingAfresh()
    for office in (remembering, afresh):
        hear(path, office)
        hear(path, office)  # the second call finds what the first one left
    assert published(remembering) == published(afresh)


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The departments for which the caller's part was composed, in order."""
    departments: list[str] = []

    def counted(facts: CallerFacts, department: str, language: str) -> CallerPart:
        departments.append(department)
        return caller_part(facts, department, language)

    monkeypatch.setattr("screenpop.service.caller_bodies.caller_part", counted)
    return departments


def test_a_ring_group_composes_once_a_view_and_not_once_a_phone(composed: list[str]) -> None:
    office = Office()
    crew = people(phones={user: (f"1{user}1",) for user in (MARYAM, ELENI)})
    agents = [replace(one, language="en") for one in crew.roster.agents.values()]
    same = replace(crew, roster=Roster.of({OFFICE: agents}))
    office.does(lambda pop: pop.people_changed(same))
    story = Story(CallId("1"))
    office.handles(story.arrives())
    office.handles(story.rings("111"), story.rings("121"))
    assert len(office.screens[MARYAM]) == len(office.screens[ELENI]) == 1
    assert composed == [Department.SALES]


def test_the_second_call_of_a_line_is_composed_before_it_rings(composed: list[str]) -> None:
    office = Office()
    first, second = Story(CallId("1")), Story(CallId("2"))
    office.handles(first.arrives())
    assert composed == []
    office.handles(first.rings("101"))
    office.handles(first.ends())
    composed.clear()
    office.handles(second.arrives())
    assert composed == [Department.SALES]
    office.handles(second.rings("101"))
    assert composed == [Department.SALES]


def test_a_line_remembers_the_views_that_rang_last() -> None:
    office, story = Office(), Story(CallId("1"))
    office.handles(story.arrives())
    [file] = office.screen_pop._live.sessions.values()
    agent = next(iter(people().roster.agents.values()))
    views, line = LineViews(), file.call
    for number in range(MAX_VIEWS + 1):
        views.rang(line, replace(agent, department=f"d{number}"))
    views.rang(line, replace(agent, department="d2"))
    remembered = [view.department for view in views.of(line)]
    assert remembered == ["d1", "d3", "d4", "d2"]
    assert views.of(line)[0] == AgentView("d1", agent.language)


def test_the_line_that_rang_longest_ago_is_forgotten_first() -> None:
    office, story = Office(), Story(CallId("1"))
    office.handles(story.arrives())
    [file] = office.screen_pop._live.sessions.values()
    agent = next(iter(people().roster.agents.values()))
    views, line = LineViews(), file.call
    for number in range(MAX_LINES):
        line.did = f"{number}"
        views.rang(line, agent)
    line.did = "0"
    assert views.of(line)
    views.rang(line, agent)
    line.did = "one more"
    views.rang(line, agent)
    line.did = "0"
    assert views.of(line)
    line.did = "1"
    assert not views.of(line)
