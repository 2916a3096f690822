"""Protocols of the ports with two real implementations."""

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
    """The lookup of the hot path. ``now_or_later`` returns the record itself when it can (SQLite,
    microseconds) and an awaitable otherwise (PostgreSQL). Raises ``RecordsUnreachableError``."""

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]: ...


class RecordsUnreachableError(Exception):
    """The records could not be read; the card shows it and the next call tries again."""


class FencedOutError(Exception):
    """Nothing was written: another process has taken over what this one held.

    ``held``: the name of the lease in the database, or the key of the fence in Redis. After an
    older state of the database was restored, the fence in Redis is too high for up to an hour:
    delete the key ``<prefix>:fence``.
    """

    def __init__(self, held: str) -> None:
        super().__init__(f"Another process has taken over {held!r}; nothing is written")
        self.held = held


@dataclass(frozen=True, slots=True)
class CardDelivery:
    """The delivery of one card, for the call log."""

    agent: UserId
    endpoint: str
    sent_at: float | None
    received_at: float | None
    painted_at: float | None
    seen_at: float | None
    before_pickup: bool | None
    """Painted before the phone was answered; None when it was never answered here."""
    phones: frozenset[str] = frozenset()
    """Further phones of the agent for this call: a hot desk, a second device."""

    def sat_at(self, endpoint: str) -> bool:
        return endpoint == self.endpoint or endpoint in self.phones


@dataclass(frozen=True, slots=True)
class OfferAnswerToKeep:
    """A customer's answer to one suggestion on a call."""

    customer: CustomerId
    offer: str
    """The suggestion's id."""
    answer: str
    """``accepted``, ``later`` or ``no``."""
    reason: Mapping[str, object]
    """``{"code", "params"}``: the reason of the suggestion."""
    agent: UserId
    agent_name: str
    at: float
    """Seconds since 1970, UTC."""
    why: str = ""
    """Why the answer is no; else empty."""


@dataclass(frozen=True, slots=True)
class OfferShownToKeep:
    """An office's offer that a customer was not answered about on a call."""

    customer: CustomerId
    offer: str
    """The suggestion's id."""
    is_withheld: bool
    """It was left out, because the customer is in its control share."""
    agent: UserId
    agent_name: str
    at: float
    """When the first card was painted, seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A finished call for the log, with cards, trace and answers."""

    entry: CallRecord
    caller: CallerId
    customer: CustomerId | None
    painted: tuple[CardDelivery, ...]
    trace: tuple[dict[str, object], ...]
    """The decisions in order: ``{"at", "step", "agent"?, ...parameters}``."""
    dialled_from: str = ""
    """The phone of this PBX that made the call; empty for a call from outside."""
    offer_answers: tuple[OfferAnswerToKeep, ...] = ()
    offers_shown: tuple[OfferShownToKeep, ...] = ()
    """Those without an answer."""


@dataclass(frozen=True, slots=True)
class NumberLink:
    """The changes made by linking a caller's number to a customer, as far as undoing needs them."""

    customer: CustomerId
    number: str
    """E.164, or as sent by the PBX."""
    e164: str | None
    phone_id: int | None
    """The row that was added or completed; None when the customer had the number already."""
    was_unread: bool
    """The row existed before, without an E.164 number."""
    chosen_before: CustomerId | None
    """The customer remembered for the number before."""
    claimed: tuple[int, ...]
    """Past calls assigned to the customer, by their number in the log."""
    created_at: float | None = None
    """When the customer was created on this call; None for a customer who existed before."""


class CallLog(Protocol):
    """Stores each call once: a later record of the same call replaces the earlier one.

    Nothing blocks: records go into a bounded queue that a task of the store writes in batches after
    the push; a full queue is counted and logged, never waited for.
    """

    def keep(self, record: LoggedCall) -> None:
        """Keep a finished call."""

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        """Keep a call in progress.

        ``record`` is called when the batch is written and returns what is known by then; None when
        the call is over.
        """

    def merge(self, key: CallKey, into: CallId) -> None:
        """Remove the row of a merged call; its notes move to the other call."""

    def close_left_open(self, pbx: PbxId) -> None:
        """Close the calls of a PBX left in progress by an earlier run, unless kept again by this
        one.

        Their ends are estimated.
        """

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        """Keep a note in place of that agent's earlier note; without ``boot`` on the newest such
        call.

        Returns True once it is committed, False when it was not kept.
        """


class PastCards(Protocol):
    """The owners of the cards of past calls."""

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        """Return the newest boot in which an agent had a card of this call; None if in none.

        Waits for calls that are still being written to the log.
        """


class Publisher(Protocol):
    """The bus: assigns epoch and seq, keeps the short history, wakes the sockets of a user.

    ``publish`` never blocks. ``kind`` is ``card``, ``call``, ``pbx`` or ``agent``; ``key`` is what
    a later message of the same kind replaces in a snapshot; ``gone`` removes it from the snapshot.
    ``payload`` is the JSON of the whole object, encoded once.
    """

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None: ...


Clock = Callable[[], float]
"""Seconds since 1970, UTC."""
