"""Protocols where there are two real sides, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import CallRecord
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CallerRecord, CustomerId
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import BootId, CallId, PbxId


class CallerLookup(Protocol):
    """The hot read. ``now_or_later`` answers inline when it can (SQLite, microseconds) and gives
    an awaitable otherwise (PostgreSQL). Raises ``RecordsUnreachableError``."""

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]: ...


class RecordsUnreachableError(Exception):
    """The records could not be read; the card says so and the next call tries again."""


@dataclass(frozen=True, slots=True)
class CardDelivery:
    """What became of one card, for the call log."""

    agent: UserId
    endpoint: str
    sent_at: float | None
    received_at: float | None
    painted_at: float | None
    seen_at: float | None
    before_pickup: bool | None
    """Painted before the phone was answered; None when it was never answered here."""
    phones: frozenset[str] = frozenset()
    """Where else the agent sat for this call: a hot desk, a second device."""

    def sat_at(self, endpoint: str) -> bool:
        return endpoint == self.endpoint or endpoint in self.phones


@dataclass(frozen=True, slots=True)
class OfferAnswerToKeep:
    """What a customer said to one offer on a call."""

    customer: CustomerId
    offer: str
    """The suggestion's id."""
    answer: str
    """``accepted``, ``later`` or ``no``."""
    reason: Mapping[str, object]
    """``{"code", "params"}``: why it was suggested."""
    agent: UserId
    agent_name: str
    at: float
    """Seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One finished call for the log, with what our side did for it."""

    entry: CallRecord
    caller: CallerId
    customer: CustomerId | None
    painted: tuple[CardDelivery, ...]
    trace: tuple[dict[str, object], ...]
    """The decisions in order: ``{"at", "step", "agent"?, ...parameters}``."""
    dialled_from: str = ""
    """The phone of ours that made the call; empty for a call from outside."""
    offer_answers: tuple[OfferAnswerToKeep, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberLink:
    """What linking a caller's number to a customer has changed, as far as undoing it needs."""

    customer: CustomerId
    number: str
    """E.164, or as it was sent."""
    e164: str | None
    phone_id: int | None
    """The row that was added or completed; None when the customer had the number already."""
    was_unread: bool
    """The row was there before, without an E.164 number."""
    chosen_before: CustomerId | None
    """Whom the number was remembered for."""
    claimed: tuple[int, ...]
    """Past calls that became the customer's, by their number in the log."""
    created_at: float | None = None
    """When the customer was created on this call; None for a customer who existed before."""


class CallLog(Protocol):
    """Keeps each call once: a later record of the same call takes the place of the earlier one.
    Nothing here blocks: it puts into a bounded queue that a task of the store writes in batches
    after the push; a full queue is counted and told, never waited for."""

    def keep(self, record: LoggedCall) -> None:
        """Keep a finished call."""

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        """Keep a call in progress. ``record`` is called when the batch is written and gives what
        is known by then; None when the call is over."""

    def merge(self, key: CallKey, into: CallId) -> None:
        """Remove the row of a call that became part of another; its notes go to that call."""

    def close_left_open(self, pbx: PbxId) -> None:
        """Close the calls of a PBX that an earlier run of the server left in progress, unless this
        run has kept them again. Their ends are estimated."""

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        """Keep a note in place of that agent's note before; without ``boot`` on the newest call of
        that id. Gives True once it is committed, False when it was not kept."""


class PastCards(Protocol):
    """Whose cards the calls in the log had."""

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        """In which boot an agent had a card of this call, the newest one; None if in none. Calls
        that are on their way into the log are waited for."""


class Publisher(Protocol):
    """The bus: gives epoch and seq, keeps the short history, wakes the sockets of a user.

    ``publish`` never blocks. ``kind`` is ``card``, ``call`` or ``pbx``; ``key`` says what a later
    message of the same kind replaces in a snapshot; ``gone`` takes it out of the snapshot.
    ``payload`` is the JSON of the whole thing, already encoded, once.
    """

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None: ...


class PbxState(Protocol):
    """One PBX link as the pages show it."""

    @property
    def pbx(self) -> PbxId: ...


Clock = Callable[[], float]
"""Seconds since 1970, UTC."""
