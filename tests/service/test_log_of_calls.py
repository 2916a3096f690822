"""Each line of the log about a call has its PBX and its id; none has a name or a number."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from screenpop.agents.agent import AgentId
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.cards.compose import call_of_card, make_card_id
from screenpop.protocol.client_messages import Stage
from screenpop.service.ports import RecordsUnreachableError
from screenpop.simulator.call_script import ScriptedCall
from screenpop.telephony.identifiers import LINKEDID_PATTERN, CallId, PbxId
from tests.asterisk.recordings import PLAIN
from tests.service.runner_under_test import World, world
from tests.service.service_under_test import MARYAM

CALL = ScriptedCall(
    number="09127718834", name="Parastou Zarringol", to=("101", "109"), ring_s=0, talk_s=0
)
LINKEDID = re.compile(LINKEDID_PATTERN)


async def break_the_lookup(w: World) -> None:
    w.answer = RecordsUnreachableError("the database is away")
    await w.handles(CALL)


async def break_a_card(w: World) -> None:
    w.fails_on = "card"
    await w.handles(CALL)


async def break_a_board_row(w: World) -> None:
    w.fails_on = "call"
    await w.handles(CALL)


async def break_a_receipt(w: World) -> None:
    await w.handles(CALL)
    await w.until(w.cards)
    w.task.receipt(MARYAM, str(w.cards()[0]["id"]), 1, {Stage.PAINTED: "late"})  # type: ignore[dict-item]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("break_it", "line"),
    [
        (break_the_lookup, "The records could not be reached"),
        (break_a_card, "A card could not be made; the call goes on without it"),
        (break_a_board_row, "A card could not be made; the call goes on without it"),
        (break_a_receipt, "A receipt could not be handled; it is skipped"),
    ],
)
async def test_a_failure_in_a_call_is_logged_with_its_ids(break_it: Any, line: str) -> None:
    with capture_logs() as lines:
        async with world() as w:
            await break_it(w)
            await w.until(lambda: w.kept)
            await w.task.done_so_far()
            call = w.kept[0].entry.call
    assert line in {one["event"] for one in lines}
    assert {(one.get("pbx"), one.get("call")) for one in lines} == {("office", call)}
    assert "Zarringol" not in str(lines)
    assert "7718834" not in str(lines)


@pytest.mark.anyio
async def test_recorded_calls_without_records_are_logged_by_id_and_without_names() -> None:
    linkedids: set[str] = set()
    with capture_logs() as lines:
        for path in PLAIN:
            recorded = path.read_text("latin-1")
            linkedids.update(re.findall(r"^Linkedid: (\S+)", recorded, re.MULTILINE))
            async with world() as w:
                w.answer = RecordsUnreachableError("the database is away")
                framer, data = AmiFramer(None, "own-"), path.read_bytes()
                w.task.messages(w.tracking, framer.feed(data), w.now)
                await w.task.done_so_far()
    assert len(lines) > 10
    assert {one["event"] for one in lines} >= {"The records could not be reached"}
    assert {one["pbx"] for one in lines} == {"office"}
    assert {one["call"] for one in lines} <= linkedids
    texts = [str({**one, "call": ""}) for one in lines]
    assert [text for text in texts if re.search(r"\d{7}", text)] == []


@given(st.text() | st.none() | st.integers())
def test_a_text_of_a_browser_that_is_no_card_id_is_in_no_line(card: object) -> None:
    ids = call_of_card(card)
    assert ids == {} or LINKEDID.fullmatch(ids["call"])


def test_ids_of_a_card_are_its_pbx_and_call() -> None:
    for linkedid in ("1795315000.12", "tehran-1795315000.12"):
        card = make_card_id(PbxId("office"), CallId(linkedid), AgentId(3))
        assert call_of_card(card) == {"pbx": "office", "call": linkedid}
        assert call_of_card(f"{card}/1795315000.14/listening")["call"] == linkedid
    assert call_of_card("office/Parastou Zarringol/3") == {}
    assert call_of_card("office/09127718834/3") == {}
