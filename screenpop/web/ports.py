"""The ports of ``web``: callables and protocols that other packages implement."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.message_texts import MessageTexts
from screenpop.loyalty.tiers import TierRule
from screenpop.protocol.client_messages import Stage
from screenpop.protocol.server_messages import Position, Start
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId
from screenpop.web.lookback.port import RunLookback
from screenpop.web.setup.port import SetupPort
from screenpop.webhooks.addresses import TargetRules


@dataclass(frozen=True, slots=True)
class TierChanges:
    """What other rules for tiers would change, in numbers of customers."""

    customers: int
    """All that were looked at."""
    raised: Mapping[str, int]
    """By the tier that they would get."""
    kept: Mapping[str, int]
    """By their tier, which is higher than the rules give: no tier is lowered."""


TierPreview = Callable[[Sequence[TierRule], date], Awaitable[TierChanges | None]]
"""Counts the changes on a day; None where they cannot be counted now."""


class Reader(Protocol):
    """One browser's socket, as the bus sees it. No member blocks or raises."""

    @property
    def room(self) -> int:
        """Return how many more frames it accepts without an acknowledgement."""

    def deliver(self, seq: int, frame: bytes) -> None: ...

    def lost(self) -> None:
        """Handle that the stream cannot be continued; nothing more is delivered."""


class Streams(Protocol):
    """The bus: every user's stream."""

    async def join(self, user: UserId, last: Position | None, reader: Reader) -> Start:
        """Return the start; afterwards ``reader`` gets all later messages, in order.

        Raises ``StaleStreamsError`` while no process follows the calls.
        """

    def leave(self, user: UserId, reader: Reader) -> None:
        """Remove a reader; does nothing if it never joined or has left."""

    def head(self, user: UserId) -> Position: ...


class CallsUnreachableError(Exception):
    """The process that owns the calls does not answer; the page should try again."""


Receipts = Callable[[UserId, str, int, Mapping[Stage, float]], None]
"""``receipts(user, card_id, rev, stages)``: must not block. ``stages`` have the wall clock at which
each was reached."""


class Commands(Protocol):
    """Runs commands of pages; ``error`` in the result, a code, means failure.

    ``command_id``: commands of one user with the same id run once, whichever processes they reach;
    empty for one that is not sent again. Each process calls it once for an id.
    """

    async def __call__(
        self, user: UserId, op: str, args: Mapping[str, object], command_id: str = "", /
    ) -> Mapping[str, object]: ...


Simulate = Callable[[dict[str, object]], Awaitable[Mapping[str, object]]]
"""``await simulate(request)`` plays one call; ``request`` is a checked ``SimulatedCall`` as a
dict. The result has at least ``call``, the call's id, or ``error``, a code."""

LinkStates = Callable[[], Mapping[PbxId, str]]
"""Returns the state of each PBX link: ``{"office": "connecting"}``."""


@dataclass(frozen=True, slots=True)
class HotDesks:
    """Rules and callbacks of hot desks.

    ``is_phone`` takes the PBX, or an empty one for any. ``changed`` is called after a user took
    or left a phone or changed the language; it must not block."""

    pbxes: tuple[PbxId, ...] = ()
    is_phone: Callable[[PbxId, Endpoint], bool] = lambda _pbx, _endpoint: True
    changed: Callable[[], None] = lambda: None
    has_phone: Callable[[UserId], bool] = lambda _user: False
    """Returns whether a user has a phone now: by hot desk, settings or queue membership."""


async def _no_call(_user: UserId, _number: str) -> str:
    return "calling_off"


def _not_announced(_user: UserId, _number: str, _customer: CustomerId) -> None:
    pass


async def _no_view(_user: UserId) -> Mapping[str, object] | None:
    return None


async def _no_views() -> Sequence[Mapping[str, object]]:
    return ()


async def _no_phones() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Agents:
    """The agents' availability, and calls from their own phones."""

    view_of: Callable[[UserId], Awaitable[Mapping[str, object] | None]] = _no_view
    """The object of the ``agent`` message; None for a user without a phone."""
    views: Callable[[], Awaitable[Sequence[Mapping[str, object]]]] = _no_views
    """All agents, by name."""
    phones_without_agent: Callable[[], Awaitable[Mapping[str, int]]] = _no_phones
    """By queue: members that are not paused and are no agent's phone."""
    is_calling_on: bool = False
    """The office allows calling from a page."""
    call: Callable[[UserId, str], Awaitable[str]] = _no_call
    """``await call(user, e164)`` places a call; returns an empty text or a code."""
    announce: Callable[[UserId, str, CustomerId], None] = _not_announced
    """``announce(user, e164, customer)`` before a call: its card has this customer, also where the
    number is of several."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    key: str
    """Unique for each message; the same in every attempt to send it."""
    number: str
    """E.164."""
    text: str
    language: str
    reason: str
    customer_id: int


class MessageRefusedError(Exception):
    """``code``: ``gateway_unreachable``, ``gateway_refused``, ``gateway_address``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages to customers through the office's gateway."""

    send: Callable[[OutgoingMessage], Awaitable[None]]
    """Raises ``MessageRefusedError``."""
    texts: MessageTexts
    channel: str = "sms"
    """The consent that is needed, as ``customers.consent.CHANNELS``."""


NoteChanged = Callable[[PbxId, CallId, UserId, str], None]
"""``note_changed(pbx, call, author, text)``: a call's page has a new note; must not block."""


def no_note_changed(_pbx: PbxId, _call: CallId, _author: UserId, _text: str) -> None:
    """Do nothing, for a site without cards."""


CallbackChanged = Callable[[int, str], None]
"""``callback_changed(call, change)``: a user has changed the callback of this call in the log
(``taken``, ``released``, ``done``, ``undone``); must not block."""


def no_callback_changed(_call: int, _change: str) -> None:
    """Do nothing, for a site without browsers."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where webhooks may be sent, and what notifies their sender of a change on the page."""

    rules: TargetRules = field(default_factory=TargetRules)
    changed: Callable[[], None] = lambda: None


TraceOf = Callable[[PbxId, CallId], Awaitable[tuple[dict[str, object], ...]]]
"""``await trace_of(pbx, call)``: the trace so far of a call in progress; empty if it is not
known."""


async def no_trace(_pbx: PbxId, _call: CallId) -> tuple[dict[str, object], ...]:
    """Return an empty trace, for a site without calls."""
    return ()


@dataclass(frozen=True, slots=True)
class TrunkFacts:
    """One trunk of the settings."""

    name: str
    region: str
    lines: tuple[tuple[str, str], ...]
    """Dialled number to its name on the card."""


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """One PBX of the settings, without its secret."""

    pbx: PbxId
    host: str
    port: int
    username: str
    has_tls: bool
    phones: tuple[str, ...]
    """Patterns of extensions."""
    trunks: tuple[TrunkFacts, ...]


@dataclass(frozen=True, slots=True)
class PbxTestResult:
    """Result of a test connection to a PBX; ``code`` and ``params`` name the problem."""

    is_live: bool
    took_s: float
    channel_count: int = 0
    code: str = ""
    params: Mapping[str, str | int | float] = field(default_factory=dict)


async def _no_pbx(_: PbxId) -> PbxTestResult:
    return PbxTestResult(is_live=False, took_s=0.0)


@dataclass(frozen=True, slots=True)
class CallerSourceFacts:
    """The program that is asked about callers, since the start of the server."""

    host: str
    asked: int
    failed: int
    problem: str
    """The code of the last request's problem; empty after one that was answered."""


def _no_caller_source() -> None:
    return None


@dataclass(frozen=True, slots=True)
class AdminFacts:
    """Data of the settings and links for ``/admin``."""

    pbxes: tuple[PbxFacts, ...] = ()
    region: str = ""
    extensions: tuple[str, ...] = ()
    keep_days: Mapping[str, int] = field(default_factory=dict)
    """Days that ``calls``, ``traces``, ``notes``, ``logins`` and webhooks' ``deliveries`` are kept;
    0: for ever."""
    keep_customers_years: int = 0
    """Years without contact after which customers are erased; 0: never."""
    link_states: Callable[[], Mapping[PbxId, str]] = dict
    """The state of each link now, such as ``live``."""
    test_pbx: Callable[[PbxId], Awaitable[PbxTestResult]] = _no_pbx
    """Tests a PBX: opens a separate connection, logs in, reads the lists, disconnects."""
    lookback: RunLookback | None = None
    caller_source: Callable[[], CallerSourceFacts | None] = _no_caller_source
    """None if no other program is asked about callers."""
    setup: SetupPort | None = None
    """None where the settings are in no file: in the demo."""


Clock = Callable[[], float]


OffersChanged = Callable[[], None]
"""``offers_changed()``: the office's offers have changed in the database."""


def no_offers_changed() -> None:
    """Do nothing: no cards are made here."""
