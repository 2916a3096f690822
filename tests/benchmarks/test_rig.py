"""The rig itself, on real sockets: what is played arrives, and what goes wrong is seen."""

import asyncio
import itertools
from pathlib import Path

import pytest
import websockets

from benchmarks import servers
from benchmarks.agents import create_agents
from benchmarks.answering_floor import unmasked_texts
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.customers import draw_callers
from benchmarks.floor import frame
from benchmarks.frames import check_handshake, handshake, masked, take_frames
from benchmarks.ladder import JUDGED, Ladder, Repetition, Rung
from benchmarks.lookups import NoIndexError, check_plans, look_up
from benchmarks.pbx import Arrival, Pbx, Play
from benchmarks.ratios import route
from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import PbxId, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve
from tests.whole_office.agent_logins import AgentLogin, phones
from tests.whole_office.child_process import ChildError, ChildProcess
from tests.whole_office.processes import ServerError

PHONES = phones(3)


def test_a_link_of_the_product_goes_live_on_the_fake_pbx_and_hears_each_ring(pbx: Pbx) -> None:
    rings: list[str] = []

    async def listen() -> None:
        done = asyncio.Event()

        def on_messages(messages: list[AmiMessage], _: float) -> None:
            rings.extend(m.get("DialString") for m in messages if m.event == "DialBegin")
            if len(rings) == 5:
                done.set()

        live = asyncio.Event()

        def on_state(state: LinkState, _: float, problem: object) -> None:
            assert problem is None
            if state is LinkState.LIVE:
                live.set()

        link = AmiClient(
            AmiConfig(PbxId("office"), "127.0.0.1", "bench", "bench-secret", pbx.port),
            wanted=WANTED_EVENTS,
            on_messages=on_messages,
            on_snapshot=lambda _, __: None,
            on_state=on_state,
        )
        running = asyncio.create_task(link.run())
        await live.wait()
        played = await asyncio.to_thread(pbx.play, Play(("+989120000000",), PHONES, 5, 0, 3))
        await done.wait()
        assert rings == [ring.phone for ring in played.rang]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(listen(), 30))


def test_a_ring_is_stamped_when_it_is_sent_and_calls_come_at_their_rate(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    with servers.floor(pbx.port, database) as floor:
        pbx.expect(lists=False)
        browsers.open(floor.port, tuple(AgentLogin(p, f"/ws/{p}") for p in PHONES), talk=False)
        callers = draw_callers(database, 10, 1)
        played = pbx.play(Play(callers, PHONES, 20, 100.0, 3))
        collected = browsers.collect(20)
    stamps = [ring.at for ring in played.rang]
    assert stamps == sorted(stamps)
    assert played.began_at <= stamps[0] <= stamps[-1] <= played.ended_at
    assert 0.05 < stamps[-1] - stamps[0] < 2
    routed = route(played.rang, collected.seen)
    assert (routed.lost, routed.misrouted) == ((), ())
    assert routed.latency is not None
    assert routed.latency.p50 > 0


def test_the_floor_speaks_a_websocket_that_others_understand(pbx: Pbx, database: Path) -> None:
    async def listen(port: int) -> None:
        address = f"ws://127.0.0.1:{port}/ws/1001"
        async with websockets.connect(address, close_timeout=0.1) as socket:
            callers = draw_callers(database, 1, 1)
            playing = asyncio.to_thread(pbx.play, Play(callers, ("1001",), 1, 0, 3))
            card, played = await asyncio.gather(socket.recv(), playing)
            assert isinstance(card, str)
            assert f'"call":"{played.rang[0].call}"' in card
            assert callers[0] in card

    with servers.floor(pbx.port, database) as floor:
        pbx.expect(lists=False)
        asyncio.run(asyncio.wait_for(listen(floor.port), 20))


def test_the_answering_floor_follows_each_call_to_its_end_and_reads_what_browsers_send(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    bench = Bench(pbx, browsers, draw_callers(database, 10, 1))
    with servers.floor(pbx.port, database, answering=True) as floor:
        pbx.expect(lists=False)
        logins = [AgentLogin(phone, f"/ws/{phone}") for phone in PHONES]
        with bench.connected(floor, logins, talk=True):
            measured = bench.measure(
                "here", floor, PHONES, count=9, rate=50, arrival=Arrival.AS_RECORDED
            )
    assert bench.faults == []
    assert measured.behind == 0
    assert measured.frames == len(PHONES) * len(("welcome", "snapshot")) + 9 * 3


@pytest.mark.parametrize("size", [1, 125, 126, 300])
def test_the_answering_floor_unmasks_whole_texts_however_they_arrive(size: int) -> None:
    mask, text = b"\x01\xfe\x33\x00", b"a" * size
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    one = head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
    rest, texts = b"", []
    for start, end in itertools.pairwise([0, 1, 3, 7, len(one) + 2, 2 * len(one)]):
        some, rest = unmasked_texts(rest + (one + one)[start:end])
        texts += some
    assert texts == [text, text]
    assert rest == b""


def test_the_product_as_serve_starts_it_gives_each_card_to_the_phone_that_rings(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    logins = create_agents(database, len(PHONES))
    bench = Bench(pbx, browsers, draw_callers(database, 10, 1))
    with servers.product(pbx.port, database.parent) as product:
        pbx.expect(lists=True)
        with bench.connected(product, logins, talk=True):
            measured = bench.measure("here", product, PHONES, count=9, rate=50)
    assert bench.faults == []
    assert measured.latency.calls == 9
    assert measured.frames >= 9 * 3


def test_a_card_at_the_page_of_another_agent_is_a_fault(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    bench = Bench(pbx, browsers, draw_callers(database, 10, 1))
    with servers.floor(pbx.port, database) as floor:
        pbx.expect(lists=False)
        # The stand-in does not check which phone an agent has.
        astray = [AgentLogin("9999", "/ws/1001"), AgentLogin("1002", "/ws/1002")]
        with bench.connected(floor, astray, talk=False):
            bench.measure("here", floor, ("1001", "1002"), count=12, rate=0, talk=False)
    words = [fault.split()[-1] for fault in bench.faults]
    assert words == ["lost", "misrouted"]


def test_a_server_that_does_not_start_reports_the_reason(pbx: Pbx, tmp_path: Path) -> None:
    with (
        pytest.raises(ServerError, match="unable to open database"),
        servers.floor(pbx.port, tmp_path / "nothing" / "here.db"),
    ):
        pass


def test_a_process_of_the_rig_reports_the_reason_of_its_death() -> None:
    with ChildProcess("mistaken", fail) as child, pytest.raises(ChildError, match="on purpose"):
        child.receive()


def fail(_: object) -> None:
    raise RuntimeError("on purpose")


def test_every_invented_number_is_a_valid_one(few_customers: Path) -> None:
    for number in draw_callers(few_customers, 40, 7):
        assert resolve(number, plan=NumberPlan(Region("IR"))).kind is CallerIdKind.NUMBER


def test_the_hot_read_finds_and_misses_as_it_should(few_customers: Path) -> None:
    found = look_up(few_customers, 20, 7)
    assert {found.hit.calls, found.miss.calls, found.suffix.calls} == {20}


def test_a_hot_read_without_its_index_is_noticed(database: Path) -> None:
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("DROP INDEX ix_customer_phones_e164")
    connection.close()
    with pytest.raises(NoIndexError, match="exact"):
        check_plans(database)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_frames_are_taken_out_whole_however_they_arrive(size: int) -> None:
    payload = b"x" * size
    whole = frame(payload) + frame(b"next")
    rest, frames = b"", []
    for start, end in itertools.pairwise([0, 1, 3, len(whole) // 2, len(whole)]):
        some, rest = take_frames(rest + whole[start:end])
        frames += some
    assert frames == [(1, payload), (1, b"next")]
    assert rest == b""


def test_messages_of_a_page_are_masked_as_the_rfc_wants() -> None:
    short, long = masked(b"hello"), masked(b"y" * 300)
    assert short[1] == 0x80 | 5
    assert long[1] == 0x80 | 126
    assert short.endswith(b"hello")


def test_a_server_that_does_not_know_the_key_opens_no_websocket() -> None:
    _, key = handshake("/", "localhost")
    with pytest.raises(ConnectionError, match="prove"):
        check_handshake(b"HTTP/1.1 101 x\r\nSec-WebSocket-Accept: nonsense\r\n\r\n", key)


def test_ratios_are_taken_within_a_repetition_and_floors_apart_make_it_noisy() -> None:
    ladder = Ladder([_repetition(1.0, 2.0, 1.0), _repetition(2.0, 8.0, 2.0)])
    ratio = ladder.ratio(Rung(Arrival.AS_RECORDED, 50))
    assert (ratio.least, ratio.median, ratio.most) == (2.0, 3.0, 4.0)
    assert not _repetition(1.0, 9.0, 1.2).noisy()
    assert _repetition(1.0, 2.0, 1.5).noisy()


def test_a_ratio_is_held_only_where_the_floors_were_quiet() -> None:
    rung = Rung(Arrival.ONE_WRITE, 50)
    noisy = _repetition(1.0, 90.0, 1.5)
    ladder = Ladder([_repetition(1.0, 2.0, 1.0), noisy], noisy=[_repetition(1.0, 3.0, 1.0, 12)])
    assert ladder.quiet_ratios(rung) == [2.0]
    ladder = Ladder([noisy], noisy=[_repetition(1.0, 3.0, 1.0, 11.9)])
    assert ladder.quiet_ratios(rung) == [3.0]


def _repetition(before: float, product: float, after: float, tail: float = 1) -> Repetition:
    """``tail``: p99 to p50."""
    from benchmarks.bench import Measured
    from benchmarks.ratios import Latency

    def measured(p50: float) -> dict[str, Measured]:
        one = Measured(Latency(p50, p50 * tail, p50 * tail, 10), 0.1, 10, 0.0, 0, (), 0.0)
        return {Rung(arrival, rate).key: one for arrival in Arrival for rate in JUDGED}

    return Repetition(measured(before), measured(product), None, {}, measured(after))
