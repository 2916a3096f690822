"""The calls of another process: what ``web`` asks of ``listen``, and how ``listen`` answers.

Both directions of each request are here, side by side, as one list of kinds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from screenpop.accounts.users import UserId
from screenpop.app.live_calls import LiveCalls
from screenpop.bus.redis_connection import BusUnreachableError
from screenpop.bus.redis_requests import RequestSender
from screenpop.bus.redis_streams import RedisStreams
from screenpop.customers.models import CustomerId
from screenpop.protocol.client_messages import Stage
from screenpop.settings import Settings
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.web.ports import (
    Agents,
    CallerSourceFacts,
    CallsUnreachableError,
    PbxTestResult,
)

COMMAND_S = 25.0
"""Seconds for a command: a page gives up after 30."""
_TEST_S = 20.0
"""Seconds for the test of a PBX, which itself takes 10 at most."""
_READ_S = 3.0
"""Seconds for a value of a page, which is shown without it."""


class RemoteCalls:
    """The ports of ``LiveCalls``, through the bus."""

    def __init__(self, settings: Settings, streams: RedisStreams, sender: RequestSender) -> None:
        self._settings = settings
        self._streams = streams
        self._sender = sender
        self._with_phone: tuple[object, frozenset[int]] = ((), frozenset())

    def ports(self) -> LiveCalls:
        send = self._sender.send
        return LiveCalls(
            receipts=self._receipt,
            commands=self._command,
            agents=Agents(
                self._agent,
                self._agents,
                self._phones_without_agent,
                self._is_calling_on,
                self._call,
                self._announce,
            ),
            has_phone=self._has_phone,
            phones_changed=lambda: send("phones_changed", {}),
            note_changed=lambda pbx, call, user, text: send(
                "note_changed", {"pbx": pbx, "call": call, "user": user, "text": text}
            ),
            callback_changed=lambda call, change: send(
                "callback_changed", {"call": call, "change": change}
            ),
            offers_changed=lambda: send("offers_changed", {}),
            webhooks_changed=lambda: send("webhooks_changed", {}),
            trace_of=self._trace_of,
            link_states=self._link_states,
            test_pbx=self._test_pbx,
            caller_source=self._caller_source,
            simulate=self._simulate if self._settings.simulate else None,
        )

    @property
    def _is_calling_on(self) -> bool:
        return self._settings.simulate or any(
            pbx.click_to_call_context for pbx in self._settings.pbx
        )

    def _receipt(self, user: UserId, card: str, rev: int, stages: Mapping[Stage, float]) -> None:
        times = {stage.value: at for stage, at in stages.items()}
        self._sender.send("receipt", {"user": user, "card": card, "rev": rev, "stages": times})

    async def _command(
        self, user: UserId, op: str, args: Mapping[str, object], command_id: str = "", /
    ) -> Mapping[str, object]:
        body = {"user": user, "op": op, "args": dict(args)}
        once = f"{user}:{command_id}" if command_id else ""
        try:
            return await self._sender.ask("command", body, COMMAND_S, once)
        except BusUnreachableError:
            return {"error": "took_too_long"}

    async def _agent(self, user: UserId) -> Mapping[str, object] | None:
        view = (await self._read("agent", {"user": user}))["view"]
        return view if isinstance(view, dict) else None

    async def _agents(self) -> Sequence[Mapping[str, object]]:
        views: Any = (await self._read("agents", {}))["views"]
        return tuple(views)

    async def _phones_without_agent(self) -> Mapping[str, int]:
        try:
            phones: Any = (await self._read("phones_without_agent", {}))["phones"]
        except CallsUnreachableError:
            return {}  # a figure of many on the board, beside a banner that names the problem
        return dict(phones)

    async def _call(self, user: UserId, number: str) -> str:
        try:
            answer = await self._sender.ask("call", {"user": user, "number": number}, COMMAND_S)
        except BusUnreachableError:
            return "pbx_unreachable"
        return str(answer.get("code", "pbx_unreachable"))

    def _announce(self, user: UserId, number: str, customer: CustomerId) -> None:
        self._sender.send("announce", {"user": user, "number": number, "customer": customer})

    async def _trace_of(self, pbx: PbxId, call: CallId) -> tuple[dict[str, object], ...]:
        try:
            trace: Any = (await self._read("trace", {"pbx": pbx, "call": call}))["trace"]
        except CallsUnreachableError:
            return ()
        return tuple(trace)

    async def _test_pbx(self, pbx: PbxId) -> PbxTestResult:
        try:
            result: Any = await self._sender.ask("test_pbx", {"pbx": pbx}, _TEST_S)
        except BusUnreachableError:
            return PbxTestResult(is_live=False, took_s=0.0, code="timed_out")
        return PbxTestResult(**result)

    async def _simulate(self, request: dict[str, object]) -> Mapping[str, object]:
        try:
            return await self._sender.ask("simulate", request, COMMAND_S)
        except BusUnreachableError as problem:
            raise CallsUnreachableError from problem

    async def _read(self, kind: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Return the answer. Raises ``CallsUnreachableError``."""
        try:
            answer = await self._sender.ask(kind, body, _READ_S)
        except BusUnreachableError as problem:
            raise CallsUnreachableError from problem
        if "error" in answer:
            raise CallsUnreachableError
        return answer

    def _has_phone(self, user: UserId) -> bool:
        users = self._streams.facts.get("with_phone", ())
        if users is not self._with_phone[0] and isinstance(users, list):
            self._with_phone = (users, frozenset(users))
        return user in self._with_phone[1]

    def _link_states(self) -> Mapping[PbxId, str]:
        if not self._streams.is_live:
            return {PbxId(pbx.id): "down" for pbx in self._settings.pbx}
        states: Any = self._streams.facts.get("links", {})
        return dict(states)

    def _caller_source(self) -> CallerSourceFacts | None:
        source: Any = self._streams.facts.get("caller_source")
        return None if source is None else CallerSourceFacts(**source)


class RequestAnswers:
    """The listener's answers to the requests of ``RemoteCalls``."""

    def __init__(self, calls: LiveCalls) -> None:
        self._calls = calls

    async def handle(self, kind: str, body: Mapping[str, Any]) -> Mapping[str, object] | None:
        """Return the answer; None for what has none. Raises for a body of another version."""
        calls = self._calls
        match kind:
            case "receipt":
                stages = {Stage(name): float(at) for name, at in body["stages"].items()}
                calls.receipts(UserId(body["user"]), str(body["card"]), int(body["rev"]), stages)
            case "announce":
                customer = CustomerId(body["customer"])
                calls.agents.announce(UserId(body["user"]), str(body["number"]), customer)
            case "phones_changed":
                calls.phones_changed()
            case "note_changed":
                call = PbxId(body["pbx"]), CallId(body["call"])
                calls.note_changed(*call, UserId(body["user"]), str(body["text"]))
            case "callback_changed":
                calls.callback_changed(int(body["call"]), str(body["change"]))
            case "offers_changed":
                calls.offers_changed()
            case "webhooks_changed":
                calls.webhooks_changed()
            case _:
                return await self._answer(kind, body)
        return None

    async def _answer(self, kind: str, body: Mapping[str, Any]) -> Mapping[str, object]:
        calls = self._calls
        match kind:
            case "command":
                return await calls.commands(UserId(body["user"]), str(body["op"]), body["args"])
            case "agent":
                return {"view": await calls.agents.view_of(UserId(body["user"]))}
            case "agents":
                return {"views": await calls.agents.views()}
            case "phones_without_agent":
                return {"phones": await calls.agents.phones_without_agent()}
            case "call":
                return {"code": await calls.agents.call(UserId(body["user"]), body["number"])}
            case "trace":
                return {"trace": await calls.trace_of(PbxId(body["pbx"]), CallId(body["call"]))}
            case "test_pbx":
                result = await calls.test_pbx(PbxId(body["pbx"]))
                fields = ("is_live", "took_s", "channel_count", "code", "params")
                return {name: getattr(result, name) for name in fields}
            case "simulate" if calls.simulate is not None:
                return await calls.simulate(dict(body))
            case _:
                return {"error": "unknown_request"}


def facts_of(calls: LiveCalls, users_with_phone: Sequence[int]) -> dict[str, object]:
    """Return what each web process keeps of the listener's state; it is sent each second."""
    source = calls.caller_source()
    return {
        "links": dict(calls.link_states()),
        "with_phone": list(users_with_phone),
        "caller_source": None
        if source is None
        else {
            "host": source.host,
            "asked": source.asked,
            "failed": source.failed,
            "problem": source.problem,
        },
    }
