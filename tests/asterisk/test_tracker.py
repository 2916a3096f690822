"""The tracker against recordings of real PBXs, and against what a bad link makes of them."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screenpop.asterisk.ami_events import AmiEvent, EventChannel
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.call_log import CallRecorder
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    CallTransferred,
    EndReason,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
)
from screenpop.calls.leg_states import LegStage, can_transition
from screenpop.simulator.replay_report import replay_changes
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId
from tests.asterisk.recordings import (
    OTHER_TIMES,
    PLAIN,
    SCENARIOS,
    WITH_TRUTH,
    Row,
    by_caller,
    events_of,
    name_of,
    phones_of,
    row,
    rows_of,
    truth_of,
)
from tests.asterisk.trackers import live_calls
from tests.each import each

TOLERATED_S = 0.3

# What happened in the plain recordings: disposition, phones that answered, ends of legs.
PLAYED: dict[str, list[tuple[str, list[str], dict[str, str]]]] = {
    "agent_unreachable": [("answered", ["102"], {"101": "unreachable", "102": "answered"})],
    "agi_prio_waiting": [
        ("abandoned", [], {}),
        ("abandoned", [], {"101": "cancelled", "102": "cancelled"}),
    ],
    "atxfer_ami": [("answered", ["101"], {"101": "answered"})],
    "blind_ami": [("answered", ["101", "102"], {"101": "answered", "102": "answered"})],
    "blind_refer": [("answered", ["101", "102"], {"101": "answered", "102": "answered"})],
    "direct_busy": [("busy", [], {"101": "busy"})],
    "direct_decline": [("no_answer", [], {"101": "declined"})],
    "direct_noanswer_cancel": [("abandoned", [], {"101": "cancelled"})],
    "direct_timeout_forward": [("answered", ["102"], {"101": "no_answer", "102": "answered"})],
    "fastagi_queue": [("answered", ["101"], {"101": "answered", "102": "unreachable"})],
    "internal_call": [("answered", ["102"], {"102": "answered"})],
    "originate": [("answered", ["trunk"], {"101": "answered", "trunk": "answered"})],
    "originate_noanswer": [("no_answer", [], {"101": "no_answer"})],
    "outbound_from_phone": [("answered", ["trunk"], {"trunk": "answered"})],
    "queue_abandon": [("abandoned", [], {"101": "cancelled", "102": "cancelled"})],
    "queue_rrmemory": [("answered", ["102"], {"101": "no_answer", "102": "answered"})],
    "resync_at_direct_answered": [],
    "resync_at_queue_ringing": [],
    "resync_at_ringgroup_ringing": [],
    "second_queue_caller": [
        ("answered", ["101"], {"101": "answered", "102": "unreachable"}),
        ("abandoned", [], {"102": "unreachable"}),
    ],
}
_ONE_PHONE = [("answered", ["101"], {"101": "answered"})]
_SECOND_WINS = [("answered", ["102"], {"101": "answered_elsewhere", "102": "answered"})]
for _name in ("queue_local", "queue_local.full", "queue_ringall", "queue_rtp", "ringgroup_102"):
    PLAYED[_name] = _SECOND_WINS
PLAYED["resync_queue_answered"] = _SECOND_WINS
for _name in ("resync_ringing", "resync_queue_ringing", "resync_local_queue_ringing"):
    PLAYED[_name] = PLAYED["queue_abandon"]


@each(PLAIN, name_of)
def test_a_plain_recording_gives_the_rows_of_what_was_played(path: Path) -> None:
    rows = [
        (r["disposition"], r["answered_by"], {x["endpoint"]: x["outcome"] for x in r["legs"]})
        for r in rows_of(path)
    ]
    assert rows == PLAYED.get(path.stem, _ONE_PHONE)


@each(WITH_TRUTH, name_of)
def test_a_lab_recording_gives_the_rows_that_people_lived(path: Path) -> None:
    truth = truth_of(path)
    rows = rows_of(path)
    assert by_caller([row(r) for r in rows]) == by_caller([row(t) for t in truth])
    if len(truth) == 1 and path.stem not in OTHER_TIMES and not truth[0].get("note"):
        for name in ("wait_s", "talk_s"):
            if truth[0].get(name) is not None:
                assert rows[0][name] == pytest.approx(truth[0][name], abs=TOLERATED_S), name


@each(PLAIN, name_of)
def test_both_versions_give_the_same_calls(path: Path) -> None:
    twin = SCENARIOS / ("22" if path.parent.name == "16" else "16") / path.name
    assert [_without_times(r) for r in rows_of(path)] == [_without_times(r) for r in rows_of(twin)]


def _without_times(record: dict[str, object]) -> Row:
    return row(record)


@each([*PLAIN, *WITH_TRUTH], name_of)
def test_any_chunks_give_equal_changes(path: Path) -> None:
    data, phones = path.read_bytes(), phones_of(path)
    whole = list(replay_changes([data], phones))
    rng = random.Random(path.name)
    cuts = sorted(rng.randrange(len(data)) for _ in range(60))
    chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert list(replay_changes(chunks, phones)) == whole


@pytest.mark.parametrize("name", ["queue_local", "blind_refer", "channelvars_anonymous_pai"])
def test_a_recording_fed_byte_by_byte_gives_equal_changes(name: str) -> None:
    data = (SCENARIOS / "22" / f"{name}.ami").read_bytes()
    singles = (data[i : i + 1] for i in range(len(data)))
    phones = phones_of(SCENARIOS / "22" / f"{name}.ami")
    assert list(replay_changes(singles, phones)) == list(replay_changes([data], phones))


def test_without_timestamps_at_is_the_message_number_and_there_are_no_durations() -> None:
    records = list(replay_changes([(SCENARIOS / "22" / "direct_answered.ami").read_bytes()], None))
    assert all(r["at"] == int(str(r["at"]).split(".", maxsplit=1)[0]) for r in records[:-1])
    assert (records[-1]["wait_s"], records[-1]["talk_s"]) == (None, None)


def test_a_call_that_was_up_before_the_login_is_rebuilt_from_the_lists() -> None:
    data = (SCENARIOS / "22" / "resync_at_queue_ringing.ami").read_bytes()
    records = list(replay_changes([data], frozenset({Endpoint("101"), Endpoint("102")})))
    kinds = Counter(str(r["kind"]) for r in records)
    assert kinds == {"CallArrived": 1, "LegRinging": 2, "LegRang": 2, "CallQueued": 1}
    assert all(r["estimated"] for r in records if r["kind"] != "LegRang")
    assert {r["endpoint"] for r in records if r["kind"] == "LegRinging"} == {"101", "102"}
    assert records[0]["did"] == "02191000700"


def test_a_withheld_number_stays_withheld_although_asterisk_sends_it() -> None:
    path = SCENARIOS / "22" / "channelvars_anonymous_pai.ami"
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=phones_of(path).__contains__)
    changes = [c for event in events_of(path) for c in tracker.apply(event, 1.0)]
    ringing = [c for c in changes if isinstance(c, LegRinging)]
    assert [c.caller.withheld for c in ringing] == [True]


HIDDEN = [p for p in WITH_TRUTH if "withheld_with_channelvars" in p.stem]


@each(HIDDEN, name_of)
def test_the_log_keeps_a_withheld_number_as_withheld(path: Path) -> None:
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=phones_of(path).__contains__)
    book = CallRecorder()
    changes = [c for event in events_of(path) for c in tracker.apply(event, 1.0)]
    entries = [entry for change in changes if (entry := book.apply(change)) is not None]
    assert [entry.caller.withheld for entry in entries] == [True]


# -- what a bad link makes of it ---------------------------------------------------------------


def _renamed(events: list[AmiEvent], prefix: str) -> list[AmiEvent]:
    """The same calls with ids of their own, so that many can be up at once."""

    def own(value: object) -> object:
        if isinstance(value, EventChannel):
            half = value.name.startswith("Local/")
            return value._replace(
                uniqueid=prefix + value.uniqueid,
                linkedid=prefix + value.linkedid,
                name=f"Local/{prefix}{value.name[6:]}" if half else value.name,
            )
        return value

    renamed: list[AmiEvent] = []
    for event in events:
        fields = {name: own(getattr(event, name)) for name in event._fields}
        if "bridge" in fields:
            fields["bridge"] = f"{prefix}{fields['bridge']}"
        if "uniqueid" in fields:
            fields["uniqueid"] = f"{prefix}{fields['uniqueid']}"
        renamed.append(type(event)(**fields))  # type: ignore[arg-type]
    return renamed


def _channels(event: AmiEvent) -> set[str]:
    return {v.uniqueid for v in event if isinstance(v, EventChannel)}


def _shuffled(events: list[AmiEvent], rng: random.Random) -> Iterator[AmiEvent]:
    """Return another order that keeps the order of each channel."""
    blocked: dict[int, int] = {}
    after: dict[int, list[int]] = defaultdict(list)
    last: dict[str, int] = {}
    for index, event in enumerate(events):
        before = {last[c] for c in _channels(event) if c in last}
        blocked[index] = len(before)
        for other in before:
            after[other].append(index)
        last.update(dict.fromkeys(_channels(event), index))
    ready = [i for i, count in blocked.items() if count == 0]
    while ready:
        # Mostly in order: a PBX is late by a few events, not by a whole call.
        ready.sort()
        index = ready.pop(rng.randrange(min(4, len(ready))))
        yield events[index]
        for follower in after[index]:
            blocked[follower] -= 1
            if blocked[follower] == 0:
                ready.append(follower)


def _interleaved(stories: list[list[AmiEvent]], rng: random.Random) -> Iterator[AmiEvent]:
    todo = [iter(story) for story in stories]
    while todo:
        story = rng.choice(todo)
        event = next(story, None)
        if event is None:
            todo.remove(story)
        else:
            yield event


def _assert_calls_are_whole(changes: Iterable[CallEvent]) -> None:
    """Assert that each call is reported once and ended once, no leg left, none back."""
    arrived: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    steps: dict[tuple[str, str], LegStage] = {}
    for change in changes:
        match change:
            case CallArrived():
                arrived[change.call] += 1
            case CallEnded():
                ended[change.call] += 1
                assert (change.into is not None) == (change.reason is EndReason.MERGED)
            case LegRinging():
                assert (change.call, change.leg) not in steps
                steps[change.call, change.leg] = LegStage.DIALLED
            case LegRang():
                _steps_on(steps, change.call, change.leg, LegStage.RANG)
            case LegAnswered():
                _steps_on(steps, change.call, change.leg, LegStage.ANSWERED)
            case LegStopped():
                _steps_on(steps, change.call, change.leg, LegStage.STOPPED)
            case LegEnded():
                _steps_on(steps, change.call, change.leg, LegStage.ENDED)
            case _:
                pass
    assert set(arrived.values()) <= {1}
    assert ended == arrived
    # A leg that went over into another call was closed there, under the same id.
    closed = {leg for (_, leg), step in steps.items() if step in {LegStage.STOPPED, LegStage.ENDED}}
    assert {leg for _, leg in steps} == closed


def _steps_on(steps: dict[tuple[str, str], LegStage], call: str, leg: str, then: LegStage) -> None:
    assert can_transition(steps[call, leg], then), (leg, steps[call, leg], then)
    steps[call, leg] = then


ALL = [*PLAIN, *WITH_TRUTH]
_EVENTS: dict[Path, list[AmiEvent]] = {}


def _events(path: Path) -> list[AmiEvent]:
    if path not in _EVENTS:
        _EVENTS[path] = [e for e in events_of(path) if type(e).__name__ != "Shutdown"]
    return _EVENTS[path]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    paths=st.lists(st.sampled_from(ALL), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
    doubled=st.sampled_from([0.0, 0.2]),
    dropped=st.sampled_from([0.0, 0.1]),
    shuffled=st.booleans(),
)
def test_each_call_is_reported_once_and_closed_whatever_the_link_does(
    paths: list[Path], seed: int, doubled: float, dropped: float, shuffled: bool
) -> None:
    rng = random.Random(seed)
    phones = frozenset().union(*(phones_of(p) for p in paths))
    stories = []
    for index, path in enumerate(paths):
        for copy in range(3):
            story = _renamed(_events(path), f"{index}{copy}-")
            stories.append(list(_shuffled(story, rng)) if shuffled else story)
    tracker = CallTracker(PbxId("p"), BootId("boot"), is_phone=phones.__contains__)
    changes: list[CallEvent] = []
    for number, event in enumerate(_interleaved(stories, rng)):
        if rng.random() < dropped:
            continue
        for _ in range(2 if rng.random() < doubled else 1):
            changes += tracker.apply(event, float(number))
    changes += tracker.resync(PbxSnapshot(BootId("boot"), (), ()), 1e6)
    assert live_calls(tracker) == ()
    _assert_calls_are_whole(changes)


@settings(max_examples=40, deadline=None)
@given(path=st.sampled_from(WITH_TRUTH), seed=st.integers(0, 2**32))
def test_doubled_events_change_no_row(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    phones = phones_of(path)
    once = CallTracker(PbxId("p"), BootId("b"), is_phone=phones.__contains__)
    twice = CallTracker(PbxId("p"), BootId("b"), is_phone=phones.__contains__)
    for number, event in enumerate(_events(path)):
        expected = once.apply(event, float(number))
        changes = twice.apply(event, float(number))
        if rng.random() < 0.5:
            changes += twice.apply(event, float(number))
        assert changes == expected


def test_a_restart_of_the_pbx_closes_what_was_up() -> None:
    path = SCENARIOS / "22" / "ringgroup_102.ami"
    tracker = CallTracker(PbxId("p"), BootId("first"), is_phone=phones_of(path).__contains__)
    events = _events(path)
    changes = [c for event in events[: len(events) // 3] for c in tracker.apply(event, 1.0)]
    assert live_calls(tracker)
    changes += tracker.resync(PbxSnapshot(BootId("second"), (), ()), 2.0)
    assert live_calls(tracker) == ()
    assert tracker.boot == "second"
    _assert_calls_are_whole(changes)
    ended = [c for c in changes if isinstance(c, CallEnded)]
    assert [c.reason for c in ended] == [EndReason.ENDED_UNKNOWN]


def test_an_audit_closes_a_call_only_when_it_is_missing_twice() -> None:
    path = SCENARIOS / "22" / "direct_answered.ami"
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=phones_of(path).__contains__)
    for event in _events(path)[:12]:
        tracker.apply(event, 1.0)
    empty = PbxSnapshot(BootId("b"), (), (), audit=True)
    assert tracker.resync(empty, 60.0) == ()
    assert live_calls(tracker)
    assert any(isinstance(c, CallEnded) for c in tracker.resync(empty, 120.0))
    assert live_calls(tracker) == ()


def test_a_transfer_has_the_talk_time_of_the_transferring_agent() -> None:
    path = SCENARIOS / "lab" / "22" / "blind_transfer_refer.ami"
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=phones_of(path).__contains__)
    changes = [c for event in events_of(path) for c in tracker.apply(event, 1.0)]
    passed = [c for c in changes if isinstance(c, CallTransferred)]
    assert [(c.origin, c.target) for c in passed] == [("101", "102")]
    assert passed[0].talked_s == pytest.approx(0.8, abs=TOLERATED_S)
