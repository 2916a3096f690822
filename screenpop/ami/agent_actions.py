"""The only actions that change something on a PBX: ``QueuePause`` and ``Originate``.

Every value is checked against a pattern of its own: nothing that a person typed is sent.
"""

import asyncio
import re

from screenpop.ami.client import AmiClient
from screenpop.ami.errors import AmiError, UnsafeActionError
from screenpop.service.availability_ports import ActionOutcome, Originate, PbxRights, QueuePause

RING_TIMEOUT_S = 30
"""Seconds in which the agent's own phone must be answered."""

_QUEUE = re.compile(r"[^\s,;&|]{1,80}")
_INTERFACE = re.compile(r"[A-Za-z0-9_]+/[A-Za-z0-9_.@+-]{1,80}(?:/[a-z]{1,10})?")
_REASON = re.compile(r"[^\r\n\0]{0,80}")
_TECHNOLOGY = re.compile(r"PJSIP|SIP")
_ENDPOINT = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_NUMBER = re.compile(r"[0-9]{2,20}")
_CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class AgentActions:
    """The actions on one PBX, one at a time and in order."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()

    async def pause(self, request: QueuePause) -> ActionOutcome:
        try:
            headers = queue_pause_headers(request)
        except UnsafeActionError:
            return ActionOutcome.REFUSED
        return await self._send("QueuePause", headers)

    async def originate(self, request: Originate) -> ActionOutcome:
        try:
            headers = originate_headers(request)
        except UnsafeActionError:
            return ActionOutcome.REFUSED
        return await self._send("Originate", headers)

    async def rights(self) -> PbxRights | None:
        """Return which of these actions the AMI user may send; None if the PBX does not answer."""
        try:
            async with self._turn:
                reply = await self._client.send("ListCommands")
        except AmiError:
            return None
        return PbxRights("QueuePause" in reply.fields, "Originate" in reply.fields)

    async def _send(self, action: str, headers: dict[str, str]) -> ActionOutcome:
        try:
            async with self._turn:
                reply = await self._client.send(action, **headers)
        except UnsafeActionError:
            return ActionOutcome.REFUSED
        except AmiError:
            return ActionOutcome.UNREACHABLE
        return outcome_of(reply.response, reply.get("Message"))


def queue_pause_headers(request: QueuePause) -> dict[str, str]:
    """Return the headers of ``QueuePause``. Raises ``UnsafeActionError``."""
    return {
        "Queue": _checked("Queue", request.queue, _QUEUE),
        "Interface": _checked("Interface", request.interface, _INTERFACE),
        "Paused": "true" if request.is_paused else "false",
        "Reason": _checked("Reason", request.reason, _REASON),
    }


def originate_headers(request: Originate) -> dict[str, str]:
    """Return the headers of ``Originate``. Raises ``UnsafeActionError``."""
    number = _checked("Exten", request.number, _NUMBER)
    technology = _checked("Channel", request.technology, _TECHNOLOGY)
    endpoint = _checked("Channel", request.endpoint, _ENDPOINT)
    return {
        "Channel": f"{technology}/{endpoint}",
        "Context": _checked("Context", request.context, _CONTEXT),
        "Exten": number,
        "Priority": "1",
        "CallerID": f'"Screenpop" <{number}>',
        "Timeout": str(RING_TIMEOUT_S * 1000),
        "Async": "true",
    }


def outcome_of(response: str, message: str) -> ActionOutcome:
    """Return the outcome of a reply; the messages are those of manager.c and app_queue.c."""
    if response == "Success":
        return ActionOutcome.DONE
    if message.startswith("Permission denied"):
        return ActionOutcome.NOT_ALLOWED
    if message.startswith("Interface not found"):
        return ActionOutcome.NOT_A_MEMBER
    return ActionOutcome.REFUSED


def _checked(name: str, value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise UnsafeActionError(f"The value of {name} is not one that Screenpop sends: {value!r}")
    return value
