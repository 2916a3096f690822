"""FastAGI over real sockets: what a dialplan learns, hostile requests, and the time limit."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from screenpop.agi.caller_variables import VIP_PRIORITY, caller_variables
from screenpop.agi.protocol import (
    LONGEST_LINE,
    LONGEST_VALUE,
    MOST_LINES,
    parse_request,
    safe_text,
    set_variable,
)
from screenpop.agi.server import AgiConfig, AgiServer
from screenpop.customers.models import (
    CallerRecord,
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    MoreFacts,
    PastCall,
    PersonName,
    Phone,
    Tier,
    Title,
)
from screenpop.service.ports import RecordsUnreachableError
from screenpop.settings.agi import parse_allowed
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import CallId, Region
from screenpop.telephony.number_plan import NumberPlan
from tests.store.samples import LALEH

pytestmark = pytest.mark.anyio

PLAN = NumberPlan(region=Region("IR"), area_code="21")
NAMES = {"en": PersonName("Laleh", "Karimi"), "fa": PersonName("لاله", "کریمی")}
TALK = PastCall(CallId("1"), datetime(2026, 1, 1, tzinfo=UTC), "inbound", "answered", "Eleni", 60.0)


def file(customer_id: int = 1, **changes: object) -> CustomerFile:
    usual = Customer(CustomerId(customer_id), Title.NONE, Gender.UNSAID, NAMES, "fa", Tier.GOLD)
    customer = replace(usual, **changes)  # type: ignore[arg-type]
    phone = Phone(LALEH.e164, "09123456789", "mobile")
    return CustomerFile(customer, phone, calls=(TALK,), more=MoreFacts(owner=3))


def record(*files: CustomerFile) -> CallerRecord:
    return CallerRecord(LALEH.e164, files or (file(),))


class Records:
    """Answers every lookup with one record, or as set by the test."""

    def __init__(self, answer: CallerRecord | Awaitable[CallerRecord] | None = None) -> None:
        self.answer = answer
        self.asked: list[CallerId] = []

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        self.asked.append(caller)
        if self.answer is None:
            raise RecordsUnreachableError
        return self.answer


def find_phone(owner: int | None, last: str) -> str:
    return {3: "101"}.get(owner or 0) or {"Eleni": "102"}.get(last, "")


CONFIG = AgiConfig("127.0.0.1", 0, parse_allowed(("127.0.0.0/8",)), 4, PLAN, "fa", 20.0)


@asynccontextmanager
async def serving(
    records: Records | None = None, config: AgiConfig = CONFIG
) -> AsyncGenerator[AgiServer]:
    server = AgiServer(config, records or Records(record()), find_phone)
    async with server.serving():
        yield server


def request(number: str = "09123456789", query: str = "", pres: str = "0") -> bytes:
    address = f"agi://127.0.0.1/screenpop{query}"
    lines = {"network": "yes", "network_script": "screenpop", "request": address}
    lines |= {"callerid": number, "callingpres": pres, "channel": "PJSIP/trunk-0001"}
    return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"


async def ask(server: AgiServer, sent: bytes) -> list[str]:
    """Ask as Asterisk does: one answer after each command, until the server closes."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        commands = []
        try:
            while line := await reader.readline():
                commands.append(line.decode())
                writer.write(b"200 result=1\n")
        except ConnectionError:
            pass
        writer.close()
        return commands


async def variables(server: AgiServer, **asked: str) -> dict[str, str]:
    commands = [
        re.fullmatch(r'SET VARIABLE (\S+) "(.*)"\n', line)
        for line in await ask(server, request(**asked))
    ]
    return {one[1]: one[2] for one in commands if one is not None}


async def test_a_request_that_fails_is_logged_with_the_id_of_its_channel() -> None:
    for uniqueid, call in (("1795315000.7", "1795315000.7"), ("Parastou Zarringol", None)):
        broken: Any = None
        with capture_logs() as lines:
            async with serving(config=replace(CONFIG, plan=broken)) as server:
                sent = request().replace(b"\n\n", f"\nagi_uniqueid: {uniqueid}\n\n".encode())
                assert await ask(server, sent) == []
        assert [line["call"] for line in lines] == [call]


async def test_a_dialplan_learns_the_caller_and_the_status_comes_last() -> None:
    async with serving() as server:
        found = await variables(server)
        assert found == {
            "CALLERID(name)": "لاله کریمی",
            "SCREENPOP_NAME": "لاله کریمی",
            "SCREENPOP_TIER": "gold",
            "SCREENPOP_LANGUAGE": "fa",
            "SCREENPOP_PRIORITY": "10",
            "SCREENPOP_AGENT": "101",
            "SCREENPOP_STATUS": "found",
        }
        assert list(found)[-1] == "SCREENPOP_STATUS"
        english = await variables(server, query="?language=en&charset=ascii")
        assert english["CALLERID(name)"] == "Laleh Karimi"
        plain = await variables(server, query="?charset=ascii&language=nonsense")
        assert plain["CALLERID(name)"].isascii()
        assert server.tally.answered == 3


async def test_owner_last_agent_vip_and_several_customers() -> None:
    def of(*files: CustomerFile) -> dict[str, str]:
        return dict(
            caller_variables(
                LALEH, record(*files), language="en", ascii_only=False, find_phone=find_phone
            )
        )

    vip = of(file(vip=True, tier=Tier.NONE))
    assert (vip["SCREENPOP_PRIORITY"], vip["SCREENPOP_TIER"]) == (str(VIP_PRIORITY), "")
    assert of(replace(file(), more=MoreFacts()))["SCREENPOP_AGENT"] == "102"
    assert of(replace(file(), more=MoreFacts(), calls=()))["SCREENPOP_AGENT"] == ""
    several = of(file(), file(2))
    assert (several["SCREENPOP_STATUS"], several["SCREENPOP_AGENT"]) == ("several", "")


async def test_withheld_unknown_and_unreachable_have_their_status_and_empty_the_rest() -> None:
    empty = {"SCREENPOP_TIER": "", "SCREENPOP_PRIORITY": "0", "SCREENPOP_NAME": ""}
    records = Records(CallerRecord(None))
    async with serving(records) as server:
        for asked, status in (
            ({"number": "0912"}, "unknown"),
            ({"number": "unknown"}, "unknown"),
            ({"pres": "35"}, "withheld"),
        ):
            found = await variables(server, **asked)
            assert found["SCREENPOP_STATUS"] == status, asked
            assert empty.items() <= found.items()
            assert "CALLERID(name)" not in found
        records.answer = None
        assert (await variables(server))["SCREENPOP_STATUS"] == "unreachable"

        async def never() -> CallerRecord:
            await asyncio.Event().wait()
            return record()

        records.answer = never()
        assert (await variables(server))["SCREENPOP_STATUS"] == "unreachable"


@pytest.mark.defends("agi-injection")
@given(st.text())
def test_no_text_ends_an_argument_or_is_an_expression(text: str) -> None:
    command = set_variable("SCREENPOP_NAME", text).decode()
    found = re.fullmatch(r'SET VARIABLE SCREENPOP_NAME "([^"\\\n\r\0]*)"\n', command)
    assert found is not None
    assert not set(found[1]) & set('${}[]()<>,;|&:/@\\"=`~!#%^*')
    assert len(found[1]) <= LONGEST_VALUE
    assert safe_text(found[1]) == found[1]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('"\nEXEC System "rm -rf /"\n', "EXEC System rm -rf"),
        ("${SHELL(id)}", "SHELL id"),
        ("a|b,c;d&PJSIP/900", "a b c d PJSIP 900"),
        ("O'Brien-Smith Jr.", "O'Brien-Smith Jr."),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Ελένη Παππά", "Ελένη Παππά"),
        ("x\0y\u202ez", "x y z"),
    ],
)
def test_names_stay_readable_and_signs_become_spaces(text: str, safe: str) -> None:
    assert safe_text(text) == safe


@pytest.mark.defends("agi-injection")
def test_only_variables_of_ours_are_set() -> None:
    for name in ("PATH=x", "CALLERID(num)", 'A "b"\nHANGUP', "a"):
        with pytest.raises(ValueError, match=re.escape(name)):
            set_variable(name, "x")


@pytest.mark.defends("agi-peers")
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_request_is_read_or_refused(lines: list[bytes]) -> None:
    found = parse_request([*lines, b"agi_request: agi://x/screenpop\n"])
    assert "request" in found


HOSTILE = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\n",
    b"\xff\xfe\0\0\n\n",
    b"agi_request: agi://x/other\n\n",
    b"agi_request: agi://[::1/screenpop\n\n",
    b"agi_request: agi://x/screenpop?" + b"a=1&" * 50 + b"\n\n",
    b"agi_request: x\n" + b"agi_a: " + b"x" * (LONGEST_LINE * 2) + b"\n\n",
    b"agi_x: 1\n" * (MOST_LINES + 1) + b"agi_request: agi://x/screenpop\n\n",
)


@pytest.mark.defends("agi-peers")
async def test_hostile_requests_are_refused_and_the_next_is_answered() -> None:
    async with serving() as server:
        for sent in HOSTILE:
            assert await ask(server, sent) == [], sent[:40]
        assert server.tally.refused == len(HOSTILE)
        most = b"agi_x: 1\n" * (MOST_LINES - 6) + request()
        assert len(await ask(server, most)) == 7
        for number in ('"; DROP', "0912\x1b[2J", "${EXTEN}", "9" * 500, "\u202e"):
            assert (await variables(server, number=number))["SCREENPOP_STATUS"]


async def test_a_refusal_by_asterisk_ends_the_conversation() -> None:
    async with serving() as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request())
        await reader.readline()
        writer.write(b"510 Invalid or unknown command\n")
        assert await reader.read() == b""
        writer.close()


@pytest.mark.defends("agi-peers")
async def test_a_silent_peer_is_ended_by_the_time_limit_and_too_many_are_refused() -> None:
    async with serving(config=replace(CONFIG, answer_within_s=0.05)) as server:
        assert await ask(server, b"agi_request: agi://x/screenpop\n") == []
        assert server.tally.late == 1
    async with serving(config=replace(CONFIG, most_at_once=1)) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request())
        await reader.readline()  # the first is being answered
        assert await ask(server, request()) == []
        writer.write(b"200 result=1\n" * 9)
        await reader.read()
        writer.close()
        assert (await variables(server))["SCREENPOP_STATUS"] == "found"


@pytest.mark.defends("agi-peers")
async def test_only_allowed_peers_are_answered() -> None:
    async with serving(config=replace(CONFIG, allowed=parse_allowed(("10.0.0.0/8",)))) as server:
        assert await ask(server, request()) == []
        assert server.tally.refused == 1
