"""The FastAGI server: one short conversation a connection, within bounds."""

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from inspect import isawaitable

import structlog

from screenpop.agi.caller_variables import FindPhone, caller_variables
from screenpop.agi.protocol import (
    LONGEST_LINE,
    MOST_LINES,
    BadRequestError,
    is_accepted,
    parse_options,
    parse_request,
    set_variable,
)
from screenpop.customers.models import CallerRecord
from screenpop.service.ports import CallerLookup, RecordsUnreachableError
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import LINKEDID_PATTERN
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

_log = structlog.get_logger()

ANSWER_WITHIN_S = 0.3
"""Seconds of a whole conversation."""
_LOOKUP_WITHIN_S = 0.2
"""Seconds of the lookup, so that a slow database still leaves time to report it."""
SCRIPT = "screenpop"
_UNIQUEID = re.compile(LINKEDID_PATTERN)
_LANGUAGES = frozenset({"en", "fa", "el"})
_PRESENTATION, _PROHIBITED = 0x60, 0x20

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AgiConfig:
    host: str
    port: int
    """0 chooses a free one."""
    allowed: tuple[Network, ...]
    """Networks of the PBXs that may ask."""
    most_at_once: int
    plan: NumberPlan
    language: str
    """Of names, unless the request has ``?language=``."""
    answer_within_s: float = ANSWER_WITHIN_S


@dataclass(slots=True)
class AgiTally:
    answered: int = 0
    refused: int = 0
    """Of a peer that may not ask, too many at once, or no AGI request."""
    late: int = 0
    """Ended by the time limit."""


@dataclass(slots=True)
class AgiServer:
    """Use ``serving``; every failure ends one connection only."""

    config: AgiConfig
    lookup: CallerLookup
    find_phone: FindPhone
    tally: AgiTally = field(default_factory=AgiTally)
    port: int = 0
    _open: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["AgiServer"]:
        """Serve until the block is left. Raises ``OSError`` if the port cannot be used."""
        server = await asyncio.start_server(
            self._serve, self.config.host, self.config.port, limit=LONGEST_LINE
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._may_ask(writer) or self._open >= self.config.most_at_once:
            self.tally.refused += 1
            writer.transport.abort()
            return
        self._open += 1
        asked: dict[str, str] = {}
        try:
            async with asyncio.timeout(self.config.answer_within_s):
                asked = parse_request(await _read_lines(reader))
                await self._answer(asked, reader, writer)
            self.tally.answered += 1
        except TimeoutError:
            self.tally.late += 1
            writer.transport.abort()
        except (BadRequestError, OSError, ValueError, asyncio.IncompleteReadError):
            self.tally.refused += 1
        except Exception:  # noqa: BLE001 -- the next call must not suffer from this one
            self.tally.refused += 1
            # The Linkedid is not in the request; of a call's first channel it is the Uniqueid.
            channel = _UNIQUEID.fullmatch(asked.get("uniqueid", ""))
            _log.exception(
                "A request of a dialplan could not be answered; the call goes on",
                call=None if channel is None else channel[0],
            )
        finally:
            self._open -= 1
            writer.close()  # Asterisk goes on with the call.

    def _may_ask(self, writer: asyncio.StreamWriter) -> bool:
        peer = writer.get_extra_info("peername")
        try:
            address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        except (TypeError, ValueError):
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.config.allowed)

    async def _answer(
        self,
        asked: Mapping[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        script, options = parse_options(asked["request"])
        if script != SCRIPT:
            raise BadRequestError
        caller = self._caller(asked.get("callerid", ""), asked.get("callingpres", ""))
        language = options.get("language", "")
        variables = caller_variables(
            caller,
            await self._record(caller),
            language=language if language in _LANGUAGES else self.config.language,
            ascii_only=options.get("charset") == "ascii",
            find_phone=self.find_phone,
        )
        for name, value in variables.items():
            # One at a time: Asterisk does not read a command that came before its turn.
            writer.write(set_variable(name, value))
            answer = await reader.readline()
            if not answer.endswith(b"\n"):
                return
            if not is_accepted(answer):
                raise BadRequestError

    def _caller(self, number: str, presentation: str) -> CallerId:
        code = int(presentation) if presentation.isascii() and presentation.isdigit() else 0
        is_withheld = code & _PRESENTATION == _PROHIBITED
        # Asterisk writes "unknown" where there is no number.
        return resolve(
            "" if number == "unknown" else number, plan=self.config.plan, withheld=is_withheld
        )

    async def _record(self, caller: CallerId) -> CallerRecord | None:
        """Return the record; None if the records cannot be read or do not answer in time."""
        try:
            found = self.lookup.now_or_later(caller)
            if not isawaitable(found):
                return found
            async with asyncio.timeout(_LOOKUP_WITHIN_S):
                return await found
        except (RecordsUnreachableError, TimeoutError):
            return None


async def _read_lines(reader: asyncio.StreamReader) -> Sequence[bytes]:
    """Return the lines of a request up to the empty one. Raises ``BadRequestError``."""
    lines: list[bytes] = []
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise BadRequestError
        if not line.strip():
            return lines
        if len(lines) >= MOST_LINES:
            raise BadRequestError
        lines.append(line)
