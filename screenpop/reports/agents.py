"""What each agent did: calls, times, pauses, callbacks and promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share

CALLED_BACK_DAYS = 30
"""An outbound talk is a callback within these days after the missed call."""


@dataclass(slots=True, kw_only=True)
class AgentWork:
    """Sums of one agent. Times are seconds."""

    name: str
    handled: int = 0
    """Inbound calls that a phone of the agent answered."""
    made: int = 0
    """Outbound calls that were answered."""
    inbound_talk_s: float = 0.0
    outbound_talk_s: float = 0.0
    hold_s: float = 0.0
    """Part of the talk."""
    online_s: float = 0.0
    wrap_up_s: float = 0.0
    pauses_s: Mapping[str, float] = field(default_factory=dict)
    """By reason, in the PBX's words where it is none of ours."""
    callbacks: int = 0
    """Missed callers whom the agent called back and talked to."""
    promises_due: int = 0
    """Promises whose day is in the period, of which the agent was in charge."""
    promises_kept: int = 0
    """Those that were done by their day."""

    @property
    def calls(self) -> int:
        return self.handled + self.made

    @property
    def talk_s(self) -> float:
        return self.inbound_talk_s + self.outbound_talk_s

    @property
    def pause_s(self) -> float:
        return sum(self.pauses_s.values())


def describe_agents(work: Sequence[AgentWork]) -> Report:
    """Return the report of agents, the most calls first."""
    agents = sorted(work, key=lambda one: (-one.calls, one.name))
    calls, due = sum(one.calls for one in agents), sum(one.promises_due for one in agents)
    figures = (
        Figure("handled", sum(one.handled for one in agents)),
        Figure("made", sum(one.made for one in agents)),
        Figure("mean_talk", share(sum(one.talk_s for one in agents), calls), Unit.SECONDS),
        Figure("callbacks", sum(one.callbacks for one in agents)),
        Figure("kept_part", share(sum(one.promises_kept for one in agents), due), Unit.SHARE),
    )
    return Report("agents", figures, (_calls(agents), _times(agents), _pauses(agents)))


_AGENT = ReportColumn("agent", Unit.TEXT, "no_agent")


def _calls(agents: Sequence[AgentWork]) -> ReportTable:
    columns = (
        _AGENT,
        ReportColumn("handled"),
        ReportColumn("made"),
        ReportColumn("mean_talk", Unit.SECONDS),
        ReportColumn("callbacks"),
        ReportColumn("promises_due"),
        ReportColumn("promises_kept"),
        ReportColumn("kept_part", Unit.SHARE),
    )
    rows = tuple(
        (
            one.name,
            one.handled,
            one.made,
            share(one.talk_s, one.calls),
            one.callbacks,
            one.promises_due,
            one.promises_kept,
            share(one.promises_kept, one.promises_due),
        )
        for one in agents
    )
    return ReportTable("agent_calls", columns, rows, chart="handled", compared=True)


def _times(agents: Sequence[AgentWork]) -> ReportTable:
    columns = (
        _AGENT,
        ReportColumn("talk", Unit.SECONDS),
        ReportColumn("hold", Unit.SECONDS),
        ReportColumn("wrap_up", Unit.SECONDS),
        ReportColumn("mean_wrap_up", Unit.SECONDS),
        ReportColumn("paused", Unit.SECONDS),
        ReportColumn("online", Unit.SECONDS),
    )
    rows = tuple(
        (
            one.name,
            one.talk_s,
            one.hold_s,
            one.wrap_up_s,
            share(one.wrap_up_s, one.calls),
            one.pause_s,
            one.online_s,
        )
        for one in agents
    )
    return ReportTable("agent_times", columns, rows, chart="talk", compared=True)


def _pauses(agents: Sequence[AgentWork]) -> ReportTable:
    columns = (
        _AGENT,
        ReportColumn("pause_reason", Unit.CODE, "pause"),
        ReportColumn("paused", Unit.SECONDS),
        ReportColumn("part_of_online", Unit.SHARE),
    )
    rows = tuple(
        (one.name, reason, seconds, share(seconds, one.online_s))
        for one in agents
        for reason, seconds in sorted(one.pauses_s.items(), key=lambda pause: -pause[1])
    )
    return ReportTable("agent_pauses", columns, rows, keys=2, chart="paused")
