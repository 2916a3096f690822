"""The caller parts of a call's cards, composed and encoded once per department and language.

A PBX reports a caller milliseconds before the first phone rings. As soon as the lookup is done, the
caller parts are built for the views that rang last on the line; the ring then adds the call's part
only, and a ring group needs one caller part per view, not one per phone. Measured by ``make
benchmark``, "From ring to frame, as recorded".
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from screenpop.agents.agent import Agent
from screenpop.calls.call_state import CallState
from screenpop.cards.call_facts import CallerFacts
from screenpop.cards.card import CallerPart
from screenpop.cards.compose import caller_part
from screenpop.cards.encode import caller_part_bytes
from screenpop.telephony.identifiers import PbxId

MAX_VIEWS = 4
"""Views of a line that are composed before the ring."""
MAX_LINES = 1_000


class AgentView(NamedTuple):
    """What a card's content depends on besides the call: one entry for many agents."""

    department: str
    language: str


class CallerBody(NamedTuple):
    """A caller part and its JSON."""

    part: CallerPart
    encoded: bytes


@dataclass(slots=True)
class CallerBodies:
    """The caller bodies of one call; all are dropped when one of their inputs changes."""

    _facts: CallerFacts | None = None
    _bodies: dict[AgentView, CallerBody] = field(default_factory=dict)

    def get(self, facts: CallerFacts, view: AgentView) -> CallerBody:
        """Return the body for these inputs, composed now unless it is known."""
        if facts != self._facts:
            self._facts = facts
            self._bodies.clear()
        body = self._bodies.get(view)
        if body is None:
            part = caller_part(facts, view.department, view.language)
            body = self._bodies[view] = CallerBody(part, caller_part_bytes(part))
        return body


@dataclass(slots=True)
class LineViews:
    """Which views rang last on each line, the newest last."""

    _lines: OrderedDict[tuple[PbxId, str], dict[AgentView, None]] = field(
        default_factory=OrderedDict
    )

    def rang(self, call: CallState, agent: Agent) -> None:
        """Remember that a phone of this agent rang on the call's line."""
        line, view = (call.pbx, call.did), AgentView(agent.department, agent.language)
        views = self._lines.setdefault(line, {})
        views.pop(view, None)
        views[view] = None
        if len(views) > MAX_VIEWS:
            del views[next(iter(views))]
        self._lines.move_to_end(line)
        if len(self._lines) > MAX_LINES:
            self._lines.popitem(last=False)

    def of(self, call: CallState) -> tuple[AgentView, ...]:
        """Return the views that may ring for a call on this line."""
        return tuple(self._lines.get((call.pbx, call.did), ()))
