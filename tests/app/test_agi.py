"""FastAGI in the whole application, and what the doctor reports of it."""

import asyncio
import re
import socket
from pathlib import Path

import pytest

from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.app.agi import agi_finding, phone_of
from screenpop.app.doctor_findings import Grade
from screenpop.app.server import running
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from tests.app.running_app import LALEH, client, simulating

pytestmark = pytest.mark.anyio

OFFICE = PbxId("office")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


async def ask(port: int, number: str) -> dict[str, str]:
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"agi_request: agi://x/screenpop?charset=ascii\nagi_callerid: {number}\n\n"
        writer.write(request.encode())
        found = {}
        while line := (await reader.readline()).decode():
            name, value = re.fullmatch(r'SET VARIABLE (\S+) "(.*)"\n', line).groups()  # type: ignore[union-attr]
            found[name] = value
            writer.write(b"200 result=1\n")
        writer.close()
        return found


async def test_a_dialplan_is_answered_from_the_records_and_counted(folder: Path) -> None:
    port = free_port()
    settings = simulating(folder, fastagi={"enabled": True, "bind_port": port})
    missing = await agi_finding(settings)
    assert missing is not None
    assert (missing.grade, str(port) in missing.sentence) == (Grade.BAD, True)
    async with running(settings) as app:
        found = await ask(port, LALEH)
        assert found["SCREENPOP_STATUS"] == "found"
        assert "Karimi" in found["CALLERID(name)"]
        there = await agi_finding(settings)
        assert there is not None
        assert there.grade is Grade.GOOD
        async with client(app, "admin") as admin:
            metrics = (await admin.get("/metrics")).text
        assert "screenpop_agi_answered_total 1.0" in metrics
        assert "screenpop_webhooks_delivered_total 0.0" in metrics
    assert await agi_finding(simulating(folder)) is None


def test_the_phone_is_that_of_the_owner_else_of_the_only_agent_of_the_name() -> None:
    def agent(number: int, name: str, *phones: str) -> Agent:
        return Agent(AgentId(number), name, name, "sales", "en", tuple(map(Endpoint, phones)))

    agents = [agent(1, "Maryam", "99101", "101"), agent(2, "Eleni", "103", "102"), agent(3, "Sara")]
    roster = Roster.of({OFFICE: agents, SIMULATED: [agent(4, "Nikos", "110")]})
    assert phone_of(roster, 1, "Eleni") == "101"
    assert phone_of(roster, 3, "Eleni") == "102"
    assert phone_of(roster, None, "Sara") == ""
    assert phone_of(roster, 4, "") == ""
    twice = Roster.of({OFFICE: [*agents, agent(5, "Eleni", "105")]})
    assert phone_of(twice, None, "Eleni") == ""
