"""What was measured: milliseconds from the trunk's INVITE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pbx_lab.reading import messages
from pbx_lab.sip import SipLeg


@dataclass(frozen=True)
class Measured:
    """One card of one call. Times are seconds since 1970, None for what was not seen."""

    scenario: str
    caller: str
    agent: str
    invite: float
    dial_begin: float | None
    rings: float
    painted: float | None
    answered: float | None

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        moments = (self.dial_begin, self.rings, self.painted, self.answered)
        return (self.scenario, self.caller, self.agent, *(self.since(m) for m in moments))

    def since(self, moment: float | None) -> str:
        """Milliseconds after the INVITE."""
        return "-" if moment is None else f"{(moment - self.invite) * 1000:.0f}"


HEADINGS = ("scenario", "caller", "agent", "DialBegin", "phone's INVITE", "card", "200 OK")


@dataclass
class Table:
    """All that was measured in one run."""

    rows: list[Measured] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        cells = [HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(len(one) for one in column) for column in zip(*cells, strict=True)]
        for line in cells:
            words = [c.ljust(w) for c, w in zip(line[:3], widths[:3], strict=True)]
            words += [c.rjust(w) for c, w in zip(line[3:], widths[3:], strict=True)]
            yield "  ".join(words)
        yield from summary(row.painted - row.rings for row in self.rows if row.painted is not None)


def summary(seconds: Iterable[float]) -> Iterator[str]:
    """The middle and the worst."""
    ordered = sorted(seconds)
    if ordered:
        middle, worst = ordered[len(ordered) // 2] * 1000, ordered[-1] * 1000
        yield (
            f"From the phone's INVITE to the painted card, {len(ordered)} cards: "
            f"half within {middle:.0f} ms, all within {worst:.0f} ms"
        )


def dial_begin(recorded: bytes, leg: SipLeg) -> float | None:
    """When Asterisk reported that it dials this phone, by its own clock, which is this machine's.

    The INVITE may be on the wire a little before or after that.
    """
    moments = [
        float(message["Timestamp"])
        for message in messages(recorded)
        if message.get("Event") == "DialBegin"
        and message.get("DestChannel", "").startswith(f"PJSIP/{leg.endpoint}-")
    ]
    return min(moments, key=lambda moment: abs(moment - leg.invite.at), default=None)
