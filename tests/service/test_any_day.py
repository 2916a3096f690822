"""Any events in any order: what must hold for every day of calls."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerInfo,
    CallEvent,
    EndReason,
    LegRinging,
    StopReason,
    TransferKind,
)
from screenpop.service.caller_identification import PATIENCE_S
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.effects import LogCall, Publish
from screenpop.service.lookup_queue import LOOKUP_TIMEOUT_S
from screenpop.telephony.identifiers import CallId
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, LALEH, MARYAM, NIKOS, SARA, Office

_PHONES = st.sampled_from(["101", "99101", "102", "103", "150", "trunk"])
_NUMBERS = st.sampled_from([LALEH, "+302101234567", "anonymous", "", "101", "💥"])
_LONG_AFTER = CardTimeouts().missed_s + CardTimeouts().wrap_up_s + LOOKUP_TIMEOUT_S


@st.composite
def changes(draw: DrawFn) -> list[CallEvent]:
    """A few calls whose changes come mixed, doubled, late, or not at all. One thing no tracker
    does: open a call again that it has ended."""
    stories = [
        Story(CallId(str(n)), caller=CallerInfo(draw(_NUMBERS), draw(st.text(max_size=5))))
        for n in range(draw(st.integers(1, 3)))
    ]
    events = [
        _any_change(draw, draw(st.sampled_from(stories))) for _ in range(draw(st.integers(1, 25)))
    ]
    events += [story.ends() for story in stories]
    events = list(_without_second_lives(events))
    return [replace(change, at=1_795_315_000.0 + n) for n, change in enumerate(events)]


def _without_second_lives(events: list[CallEvent]) -> Iterator[CallEvent]:
    over: set[CallId] = set()
    for change in events:
        if change.call not in over or not isinstance(change, CallArrived | LegRinging):
            yield change
        if isinstance(change, CallEnded):
            over.add(change.call)


def _any_change(draw: DrawFn, story: Story) -> CallEvent:
    return draw(st.sampled_from(_KINDS))(story, draw)


def _leg(draw: DrawFn) -> str:
    return draw(st.sampled_from(["", "a", "b"]))


_KINDS: list[Callable[[Story, DrawFn], CallEvent]] = [
    lambda story, draw: story.arrives(estimated=draw(st.booleans())),
    lambda story, draw: story.dials_out(draw(_PHONES), "09123456789"),
    lambda story, draw: story.calls_colleague(draw(_PHONES), "102"),
    lambda story, draw: story.is_called(draw(_NUMBERS), draw(st.text(max_size=5))),
    lambda story, draw: story.queues(position=draw(st.integers(1, 3))),
    lambda story, draw: story.rings(draw(_PHONES), leg=_leg(draw)),
    lambda story, draw: story.rings(draw(_PHONES)),
    lambda story, draw: story.answers(draw(_PHONES), leg=_leg(draw)),
    lambda story, draw: story.stops(
        draw(_PHONES),
        draw(st.sampled_from(StopReason)),
        draw(st.sampled_from(["", "102"])),
        leg=_leg(draw),
    ),
    lambda story, draw: story.hangs_up(draw(_PHONES), leg=_leg(draw)),
    lambda story, draw: story.holds(draw(_PHONES)),
    lambda story, draw: story.resumes(draw(_PHONES)),
    lambda story, draw: story.passes_on(
        draw(_PHONES), draw(_PHONES), draw(st.sampled_from(TransferKind))
    ),
    lambda story, draw: story.ends(reason=draw(st.sampled_from(EndReason))),
]


@st.composite
def batches(draw: DrawFn) -> list[list[CallEvent]]:
    """The same, cut into reads."""
    events = draw(changes())
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(events) - 1)), max_size=len(events))))
    return [
        events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True) if events[a:b]
    ]


def played(day: list[list[CallEvent]], *, slow: bool) -> Office:
    office = Office(slow=slow)
    for batch in day:
        office.handles(*batch)
    return office


@settings(max_examples=100)
@given(batches(), st.booleans())
def test_no_card_is_left_on_a_screen_once_its_call_is_over(
    day: list[list[CallEvent]], slow: bool
) -> None:
    office = played(day, slow=slow)
    office.waits(PATIENCE_S)
    on = {"ringing", "talking", "held", "dialling"}
    for cards in office.screens.values():
        assert not [card for card in cards.values() if card["state"] in on]
    assert office.board == {}
    office.waits(_LONG_AFTER)
    assert not any(office.screens.values())
    assert office.screen_pop.calls == 0
    assert office.screen_pop.due() is None


@settings(max_examples=100)
@given(batches(), st.booleans())
def test_a_cards_revisions_only_go_up_and_each_has_new_content(
    day: list[list[CallEvent]], slow: bool
) -> None:
    office = played(day, slow=slow)
    office.waits(_LONG_AFTER)
    seen: dict[str, dict[str, object]] = {}
    for update in office.published:
        if update.kind != "card":
            continue
        card = orjson.loads(update.payload)
        before = seen.get(card["id"])
        if before is not None:
            assert card["rev"] > before["rev"]
            assert {**card, "rev": 0} != {**before, "rev": 0}
        seen[card["id"]] = card


@settings(max_examples=100)
@given(batches())
def test_each_call_that_arrived_is_kept_exactly_once(day: list[list[CallEvent]]) -> None:
    office = played(day, slow=False)
    office.waits(_LONG_AFTER)
    arrived: set[CallId] = set()
    ended: dict[CallId, bool] = {}
    for change in (change for batch in day for change in batch):
        if isinstance(change, CallArrived) and change.call not in ended:
            arrived.add(change.call)
        if isinstance(change, CallEnded) and change.call in arrived:
            ended.setdefault(change.call, change.reason is not EndReason.MERGED)
    kept = Counter(record.entry.call for record in office.kept)
    assert kept == Counter({call: 1 for call, own_row in ended.items() if own_row})


@settings(max_examples=60)
@given(batches(), st.booleans())
def test_no_agent_is_sent_a_card_of_another_agent(day: list[list[CallEvent]], slow: bool) -> None:
    office = played(day, slow=slow)
    for update in office.published:
        if update.kind == "card":
            (user,) = update.users
            assert orjson.loads(update.payload)["agent"] == user
            assert user in {MARYAM, ELENI, NIKOS}
        else:
            assert update.users == (SARA,)


@settings(max_examples=60)
@given(batches())
def test_how_the_changes_are_cut_into_reads_changes_nothing_that_stays(
    day: list[list[CallEvent]],
) -> None:
    cut = played(day, slow=False)
    whole = Office()
    for change in (change for batch in day for change in batch):
        whole.handles(change)
    assert _kept(cut) == _kept(whole)
    assert _cards_by_agent(cut) == _cards_by_agent(whole)


def _kept(office: Office) -> list[object]:
    return [effect.record.entry for effect in office.effects if isinstance(effect, LogCall)]


def _cards_by_agent(office: Office) -> dict[int, dict[str, tuple[object, ...]]]:
    """Return each user's cards by state, without those of transient states."""
    passing = {"elsewhere"}
    return {
        user: {
            key: (card["state"], card["match"], card["legs"])
            for key, card in cards.items()
            if card["state"] not in passing
        }
        for user, cards in office.screens.items()
        if any(card["state"] not in passing for card in cards.values())
    }


def test_a_published_message_is_always_json() -> None:
    office = Office()
    story = Story(caller=CallerInfo("\ud800", 'a"b\\<script>\x00\u202e'))
    published = office.handles(story.arrives(), story.rings("101"))
    assert len(published) == 2
    for one in published:
        assert isinstance(one, Publish)
        orjson.loads(one.payload)
