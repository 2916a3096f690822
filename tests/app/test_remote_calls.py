"""Each port of the calls reaches them from a web process, and its answer comes back the same."""

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest
from typing_extensions import override

from screenpop.accounts.users import UserId
from screenpop.app.live_calls import LiveCalls
from screenpop.app.remote_calls import RemoteCalls, RequestAnswers, facts_of
from screenpop.bus.redis_connection import RedisConfig
from screenpop.bus.redis_requests import RequestSender
from screenpop.bus.redis_streams import RedisStreams
from screenpop.customers.models import CustomerId
from screenpop.protocol.client_messages import Stage
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.web.ports import Agents, CallerSourceFacts, PbxTestResult
from tests.app.running_app import simulating

pytestmark = pytest.mark.anyio

NOWHERE = RedisConfig("redis://127.0.0.1:1/0")
USER, PBX, CALL = UserId(7), PbxId("office"), CallId("1.1")
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "receipts": (USER, "card-1", 3, {Stage.PAINTED: 5.5}),
    "commands": (USER, "note", {"call": 1, "text": "سلام"}),
    "has_phone": (USER,),
    "phones_changed": (),
    "note_changed": (PBX, CALL, USER, "text"),
    "callback_changed": (5, "taken"),
    "offers_changed": (),
    "webhooks_changed": (),
    "trace_of": (PBX, CALL),
    "link_states": (),
    "test_pbx": (PBX,),
    "caller_source": (),
    "simulate": ({"phone": "101"},),
    "view_of": (USER,),
    "views": (),
    "phones_without_agent": (),
    "call": (USER, "+302101234567"),
    "announce": (USER, "+302101234567", CustomerId(9)),
}
ANSWERS: dict[str, Any] = {
    "commands": {"ok": True},
    "has_phone": True,
    "trace_of": ({"step": "rang"},),
    "link_states": {PBX: "up"},
    "test_pbx": PbxTestResult(is_live=True, took_s=0.5, channel_count=2, params={"most": 3}),
    "caller_source": CallerSourceFacts("crm.lan", 5, 1, "timed_out"),
    "simulate": {"id": "1.1"},
    "view_of": {"state": "ready"},
    "views": ({"state": "ready"}, {"state": "paused"}),
    "phones_without_agent": {"sales": 2},
    "call": "no_phone",
}
AWAITED = frozenset(ANSWERS) - {"has_phone", "link_states", "caller_source"}


class OwnedCalls:
    """Calls that keep what they were asked, and answer as in ``ANSWERS``."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        agents = {one.name: self._port(one.name) for one in fields(Agents)}
        del agents["is_calling_on"]
        calls = {one.name: self._port(one.name) for one in fields(LiveCalls)}
        self.ports = LiveCalls(**{**calls, "agents": Agents(**agents)})

    def _port(self, name: str) -> Any:
        def take(*arguments: Any) -> Any:
            self.asked.append((name, arguments))
            return ANSWERS.get(name)

        async def take_and_wait(*arguments: Any) -> Any:
            return take(*arguments)

        return take_and_wait if name in AWAITED else take


class DirectSender(RequestSender):
    """Hands each request over as the JSON that goes through Redis."""

    def __init__(self, calls: LiveCalls) -> None:
        super().__init__(NOWHERE, "web")
        self._answers = RequestAnswers(calls)
        self.sent: set[asyncio.Task[Any]] = set()
        self.once = ""
        """Of the newest question."""

    @override
    async def ask(
        self, kind: str, body: Mapping[str, object], timeout_s: float = 10.0, once: str = ""
    ) -> Mapping[str, object]:
        self.once = once
        answer = await self._answers.handle(kind, orjson.loads(orjson.dumps(body)))
        return dict(orjson.loads(orjson.dumps(answer)))

    @override
    def send(self, kind: str, body: Mapping[str, object]) -> None:
        work = self._answers.handle(kind, orjson.loads(orjson.dumps(body)))
        self.sent.add(asyncio.ensure_future(work))


class DirectStreams(RedisStreams):
    """Has the listener's facts as the JSON that goes through Redis."""

    def __init__(self, calls: LiveCalls) -> None:
        super().__init__(NOWHERE, "web")
        self._latest = orjson.loads(orjson.dumps(facts_of(calls, [int(USER)])))

    @property
    @override
    def is_live(self) -> bool:
        return True

    @property
    @override
    def facts(self) -> Mapping[str, object]:
        return dict(self._latest)


async def test_each_port_of_the_calls_is_the_same_from_a_web_process(tmp_path: Path) -> None:
    owned = OwnedCalls()
    sender, streams = DirectSender(owned.ports), DirectStreams(owned.ports)
    remote = RemoteCalls(simulating(tmp_path), streams, sender).ports()
    ports = {one.name: getattr(remote, one.name) for one in fields(LiveCalls)}
    ports |= {one.name: getattr(remote.agents, one.name) for one in fields(Agents)}
    del ports["agents"]
    assert ports.pop("is_calling_on") is True
    assert set(ports) == set(ARGUMENTS)  # a new port is listed above
    for name, port in ports.items():
        owned.asked.clear()
        answer = port(*ARGUMENTS[name])
        if inspect.isawaitable(answer):
            answer = await answer
        for work in tuple(sender.sent):
            assert await work is None, name
        sender.sent.clear()
        assert answer == ANSWERS.get(name), name
        if name not in {"has_phone", "link_states", "caller_source"}:  # facts of each second
            assert owned.asked == [(name, ARGUMENTS[name])]


async def test_commands_of_one_user_with_the_same_id_are_handled_once(tmp_path: Path) -> None:
    owned = OwnedCalls()
    sender, streams = DirectSender(owned.ports), DirectStreams(owned.ports)
    commands = RemoteCalls(simulating(tmp_path), streams, sender).ports().commands
    for user, id, once in ((USER, "c-1", "7:c-1"), (UserId(8), "c-1", "8:c-1"), (USER, "", "")):
        await commands(user, "note", {}, id)
        assert sender.once == once


async def test_request_of_another_version_is_answered_as_unknown() -> None:
    owned = OwnedCalls()
    assert await RequestAnswers(owned.ports).handle("later", {}) == {"error": "unknown_request"}
