from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from screenpop.ami.event_ordering import EventSequencer
from screenpop.ami.problem_codes import LinkProblem, ProblemCode
from screenpop.ami.read_buffer import MessageBatch
from screenpop.ami.resync_request import Outcome, ResyncRequest
from screenpop.asterisk.action_list import ActionListCollector, CompleteList
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId


class Bench:
    """A stream, and all that came out of it in its order."""

    def __init__(self, most_held: int = 1000) -> None:
        self.out: list[str] = []
        self.outcomes: list[Outcome] = []
        self.holds = 0
        self.gaps: list[int] = []
        self.boots = 0
        self.stream = EventSequencer(
            self.take,
            self.take_snapshot,
            on_hold=self.hold,
            on_gap=self.gaps.append,
            on_boot=self.boot,
            most_held=most_held,
        )
        self.ids = iter(range(1000))

    def take(self, messages: list[AmiMessage], at: float) -> None:
        self.out += [message.event for message in messages]

    def take_snapshot(self, snapshot: PbxSnapshot, at: float) -> None:
        rows = ",".join(row.get("Uniqueid") for row in snapshot.channels)
        self.out.append(f"{'audit' if snapshot.audit else 'snapshot'}({rows})")

    def hold(self, resync: ResyncRequest) -> None:
        self.holds += 1

    def boot(self) -> None:
        self.boots += 1

    def ask(self, *, audit: bool = False) -> ResyncRequest:
        resync = ResyncRequest(
            BootId("b"),
            lambda: f"me-{next(self.ids)}",
            booted=True,
            audit=audit,
            done=self.outcomes.append,
        )
        self.stream.begin(resync)
        return resync

    def live(self) -> None:
        self.send_messages(["FullyBooted"])
        self.send_messages(answers(self.ask()))
        self.out.clear()
        self.outcomes.clear()

    def send_messages(self, what: Iterable[str | AmiMessage], lost: int = 0) -> None:
        messages = [AmiMessage({"Event": w}) if isinstance(w, str) else w for w in what]
        self.stream.arrived(MessageBatch(messages, 1.0, lost))


def answers(resync: ResyncRequest, *rows: str) -> list[AmiMessage]:
    reply: list[AmiMessage] = []
    for action, answer in resync.answers.items():
        mine = {"ActionID": answer.action_id}
        reply.append(AmiMessage({"Response": "Success", "EventList": "start", **mine}))
        items = rows if action == "CoreShowChannels" else ()
        reply += [AmiMessage({"Event": "Row", "Uniqueid": row, **mine}) for row in items]
        end = {"EventList": "Complete", "ListItems": str(len(items)), **mine}
        reply.append(AmiMessage({"Event": f"{action}Complete", **end}))
    return reply


CUTS = st.lists(st.integers(0, 60), max_size=8)
PLACES = st.lists(st.integers(0, 7), max_size=20)


def mixed(reply: list[AmiMessage], places: list[int]) -> list[str | AmiMessage]:
    """Events between the answers, as the PBX mixes them."""
    mix: list[str | AmiMessage] = []
    number = 0
    for place, message in enumerate([*reply, None]):
        for _ in range(places.count(place)):
            mix.append(f"E{number}")
            number += 1
        if message is not None:
            mix.append(message)
    return mix


def in_batches(bench: Bench, mix: list[str | AmiMessage], cuts: list[int]) -> None:
    last = 0
    for cut in [*sorted(cuts), len(mix)]:
        bench.send_messages(mix[last:cut])
        last = max(last, cut)


@given(PLACES, CUTS)
def test_a_resync_comes_before_all_events_however_they_are_mixed_and_cut(
    places: list[int], cuts: list[int]
) -> None:
    bench = Bench()
    mix = mixed(answers(bench.ask(), "1.1", "1.2"), places)
    in_batches(bench, mix, cuts)
    assert bench.out == ["snapshot(1.1,1.2)", *(f"E{n}" for n in range(len(places)))]


@given(PLACES, CUTS)
def test_an_audit_comes_where_its_list_of_channels_begins(
    places: list[int], cuts: list[int]
) -> None:
    bench = Bench()
    bench.live()
    reply = answers(bench.ask(audit=True), "1.1")
    begins = next(n for n, m in enumerate(reply) if n >= 2 and m.response)
    in_batches(bench, mixed(reply, places), cuts)
    before = sum(place <= begins for place in places)
    names = [f"E{n}" for n in range(len(places))]
    assert bench.out == [*names[:before], "audit(1.1)", *names[before:]]
    assert bench.holds == 1


@given(PLACES, CUTS, st.integers(0, 8))
def test_an_audit_let_go_loses_and_doubles_nothing(
    places: list[int], cuts: list[int], when: int
) -> None:
    bench = Bench()
    bench.live()
    audit = bench.ask(audit=True)
    mix = mixed(answers(audit, "1.1"), places)
    in_batches(bench, mix[:when], cuts)
    bench.stream.flush_held(audit)
    in_batches(bench, mix[when:], cuts)
    assert [name for name in bench.out if name != "audit(1.1)"] == [
        f"E{n}" for n in range(len(places))
    ]
    assert len(bench.outcomes) == 1


def test_what_hung_up_during_a_long_audit_is_not_in_it() -> None:
    bench = Bench()
    bench.live()
    audit = bench.ask(audit=True)
    reply = answers(audit, "1.1", "1.2")
    bench.send_messages(reply[:5])
    bench.stream.flush_held(audit)
    bench.send_messages([AmiMessage({"Event": "Hangup", "Uniqueid": "1.2"})])
    bench.send_messages(reply[5:])
    assert bench.out == ["Hangup", "audit(1.1)"]


def test_an_abandoned_audit_lets_its_events_go() -> None:
    bench = Bench()
    bench.live()
    audit = bench.ask(audit=True)
    reply = answers(audit)
    bench.send_messages([*reply[:3], "E0"])
    assert bench.out == []
    bench.stream.abandon(audit)
    assert bench.out == ["E0"]
    bench.send_messages([*reply[3:], "E1"])
    assert bench.out == ["E0", "E1"]
    assert bench.outcomes == []


def test_an_abandoned_resync_keeps_holding_for_the_next_one() -> None:
    bench = Bench()
    first = bench.ask()
    late = answers(first, "9.9")
    bench.send_messages(["E0", *late[:2]])
    bench.stream.abandon(first)
    second = bench.ask()
    bench.send_messages([*late[2:], "E1", *answers(second, "1.1")])
    assert bench.out == ["snapshot(1.1)", "E0", "E1"]


def test_a_hole_drops_what_has_no_sequel_and_holds_until_the_next_snapshot() -> None:
    bench = Bench()
    bench.live()
    audit = bench.ask(audit=True)
    reply = answers(audit)
    bench.send_messages([*reply[:3], "Held"])
    bench.send_messages([*reply[3:], "After"], lost=7)
    assert bench.gaps == [8]
    assert [o.code for o in bench.outcomes if isinstance(o, LinkProblem)] == [ProblemCode.OVERRUN]
    assert bench.out == []
    bench.send_messages(["Later", *answers(bench.ask(), "1.1")])
    assert bench.out == ["snapshot(1.1)", "After", "Later"]


def test_holding_too_much_is_a_hole_and_not_a_full_memory() -> None:
    bench = Bench(most_held=3)
    bench.send_messages(["E0", "E1"])
    bench.send_messages(["E2", "E3"])
    assert bench.gaps == [4]
    bench.send_messages(["E4", *answers(bench.ask())])
    assert bench.out == ["snapshot()", "E4"]


def test_a_hole_in_the_very_batch_that_ends_a_resync_is_no_snapshot() -> None:
    bench = Bench(most_held=3)
    reply = answers(bench.ask())
    bench.send_messages([*reply[:-1], "E0", "E1", "E2", "E3", reply[-1]])
    assert bench.out == []
    assert len(bench.outcomes) == 1
    assert isinstance(bench.outcomes[0], LinkProblem)


def test_replies_and_lists_of_others_stay_out_of_the_stream() -> None:
    bench = Bench()
    bench.live()
    done: list[None] = []
    answer = ActionListCollector("me-x")
    bench.stream.collect(answer, lambda: done.append(None))
    mine = {"ActionID": "me-x"}
    bench.send_messages(
        [
            AmiMessage({"Response": "Success", "ActionID": "me-y"}),
            AmiMessage({"Response": "Success", "EventList": "start", **mine}),
            AmiMessage({"Event": "Status", **mine}),
            AmiMessage({"Event": "End", "EventList": "Complete", "ListItems": "1", **mine}),
            AmiMessage({"Event": "OriginateResponse", "Response": "Failure", "ActionID": "me-z"}),
        ]
    )
    assert bench.out == ["OriginateResponse"]
    assert isinstance(answer.outcome, CompleteList)
    assert len(done) == 1


def test_every_fully_booted_is_noticed_even_when_nothing_is_awaited() -> None:
    bench = Bench()
    bench.send_messages(["FullyBooted"])
    assert (bench.boots, bench.stream.booted) == (1, True)


def test_delivered_counts_what_was_passed_on() -> None:
    bench = Bench()
    bench.live()
    before = bench.stream.delivered
    bench.send_messages(["A", "B"])
    assert bench.stream.delivered == before + 2
