"""A call as supervisors see it in their list: the JSON of the ``call`` message."""

from collections.abc import Mapping
from enum import StrEnum

from screenpop.service.live_call import LegState, LiveCall
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.values import dataclass


class ViewState(StrEnum):
    WAITING = "waiting"
    """Nobody's phone rings: in a queue, in an announcement, or between two phones."""
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"
    """The last that is heard of this call; it stands in no snapshot."""


@dataclass(frozen=True, slots=True)
class ViewCaller:
    """The other side: who calls, or who is called.

    ``kind`` is one of ``number``, ``extension``, ``withheld``, ``unknown``, ``service``, ``raw``.
    ``name`` is what the PBX sent as the display name: a stranger's text.
    """

    display: str
    kind: str
    name: str
    e164: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ViewPerson:
    """Who it is, only when that is certain. ``address``: language → title and full name."""

    id: int
    address: Mapping[str, str]
    tier: str
    vip: bool


@dataclass(frozen=True, slots=True)
class ViewLine:
    did: str
    label: str
    """The line's name from the settings, or empty."""
    display: str


@dataclass(frozen=True, slots=True)
class CallView:
    """One call, whole. Each ``call`` message replaces the one before it with the same ``id``.

    ``id`` is ``<pbx>/<call>``. ``direction``: ``inbound``, ``outbound`` or ``internal``. Times
    are seconds since 1970, UTC: ``arrived_at`` of the call, ``since`` of its present ``state``.
    ``match`` is as a card's ``match``; ``person`` is set when it is ``certain``. ``ringing`` and
    ``answered_by`` are display names (a phone that nobody sits at stands as its number);
    ``answered_by`` in order, the last one talks. ``queue`` is the last one it waited in, or
    empty; ``position`` null when it waits in none. ``disposition`` is null until the call has
    ended: ``answered``, ``abandoned``, ``no_answer``, ``busy``, ``failed`` (null too when it
    became part of another call). ``estimated``: rebuilt after the link to the PBX was down.
    ``simulated``: nobody made this call.
    """

    id: str
    pbx: PbxId
    call: CallId
    state: ViewState
    direction: str
    caller: ViewCaller
    match: str
    person: ViewPerson | None
    line: ViewLine
    queue: str
    position: int | None
    arrived_at: float
    since: float
    ringing: tuple[str, ...]
    answered_by: tuple[str, ...]
    disposition: str | None
    estimated: bool
    simulated: bool


def view_state(call: LiveCall) -> ViewState:
    if call.over:
        return ViewState.ENDED
    states = {leg.state for leg in call.legs.values()}
    for leg_state, state in _IN_ORDER:
        if leg_state in states:
            return state
    return ViewState.WAITING


_IN_ORDER = (
    (LegState.TALKING, ViewState.TALKING),
    (LegState.HELD, ViewState.HELD),
    (LegState.RINGING, ViewState.RINGING),
)
