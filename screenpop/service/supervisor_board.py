"""The row of a call in the supervisors' list: the JSON of the ``call`` message."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from screenpop.calls.call_state import CallState, LegPhase
from screenpop.calls.events import Direction
from screenpop.telephony.identifiers import CallId, PbxId


class RowState(StrEnum):
    WAITING = "waiting"
    """No phone rings: in a queue, in an announcement, or between two phones."""
    DIALLING = "dialling"
    """An outbound call whose other side has not answered, whatever our own phone does."""
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"
    """The last message about this call; it is in no snapshot."""


@dataclass(frozen=True, slots=True)
class RowCaller:
    """The other side: the caller, or the called party.

    ``kind`` is one of ``number``, ``extension``, ``withheld``, ``unknown``, ``service``, ``raw``.
    ``name`` is the display name sent by the PBX: untrusted text.
    """

    display: str
    kind: str
    name: str
    e164: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class RowPerson:
    """The customer, only for a certain match. ``address``: language → title and full name."""

    id: int
    address: Mapping[str, str]
    tier: str
    vip: bool


@dataclass(frozen=True, slots=True)
class RowLine:
    did: str
    label: str
    """The line's name from the settings, or empty."""
    display: str


@dataclass(frozen=True, slots=True)
class RowAgent:
    """An agent on the call: ``id`` of the user, ``state`` and since when.

    ``state``: ``ringing``, ``talking``, ``held`` or ``dialling`` (makes the call, and the other
    side has not answered).
    """

    id: int
    state: str
    since: float


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call, whole. Each ``call`` message replaces the one before it with the same ``id``.

    ``id`` is ``<pbx>/<call>``. ``direction``: ``inbound``, ``outbound`` or ``internal``. Times
    are seconds since 1970, UTC: ``arrived_at`` of the call, ``since`` of its present ``state``.
    ``match`` is as a card's ``match``; ``person`` is set when it is ``certain``. ``ringing`` and
    ``answered_by`` are display names (the number of a phone without an agent, or that was
    dialled outside); ``answered_by`` in order, the last of them talks. ``made_by`` is the agent who
    makes an outbound or internal call, else empty. ``agents``: who is on it now. ``queue`` is the
    last one it waited in, or empty; ``position`` null when it waits in none. ``disposition`` is
    null until the call has ended: ``answered``, ``abandoned``, ``no_answer``, ``voicemail``,
    ``busy``, ``failed`` (null too when it became part of another call). ``estimated``: rebuilt
    after the link to the PBX was down. ``simulated``: a call of the simulator.
    """

    id: str
    pbx: PbxId
    call: CallId
    state: RowState
    direction: str
    caller: RowCaller
    match: str
    person: RowPerson | None
    line: RowLine
    queue: str
    position: int | None
    arrived_at: float
    since: float
    ringing: tuple[str, ...]
    answered_by: tuple[str, ...]
    made_by: str
    agents: tuple[RowAgent, ...]
    disposition: str | None
    estimated: bool
    simulated: bool


def without_names(row: CallRow) -> CallRow:
    """Return the row without names and numbers of people."""
    person = row.person and RowPerson(0, {}, row.person.tier, row.person.vip)
    return replace(
        row,
        caller=RowCaller("", row.caller.kind, "", None, row.caller.region),
        person=person,
        ringing=("",) * len(row.ringing),
        answered_by=("",) * len(row.answered_by),
        made_by="",
    )


def row_state(call: CallState) -> RowState:
    if call.over:
        return RowState.ENDED
    placing = call.placing_leg()
    states = {leg.state for leg in call.legs.values() if leg is not placing}
    if call.direction is Direction.OUTBOUND and call.reached_at() is None:
        customer_is_up = call.customer_first and (
            placing is None or placing.answered_at is not None
        )
        return _waits_for_agent(states) if customer_is_up else RowState.DIALLING
    for leg_state, state in _IN_ORDER:
        if leg_state in states:
            return state
    return RowState.WAITING


def _waits_for_agent(states: set[LegPhase]) -> RowState:
    """Return whether a customer who was called first has answered and no agent has yet."""
    return RowState.RINGING if LegPhase.RINGING in states else RowState.WAITING


_IN_ORDER = (
    (LegPhase.TALKING, RowState.TALKING),
    (LegPhase.HELD, RowState.HELD),
    (LegPhase.RINGING, RowState.RINGING),
)
