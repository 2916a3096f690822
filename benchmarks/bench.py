"""One measurement: plays calls to a server and compares the cards at its browsers with them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.browsers import OVER, Browsers, Collected
from benchmarks.pbx import SHORT_LIFE, Arrival, Life, Pbx, Play, Played
from benchmarks.ratios import Latency, Routed, route
from benchmarks.servers import Server
from tests.whole_office.agent_logins import AgentLogin

_QUIET_S = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    latency: Latency
    cpu_s: float
    """Of the server, for all the calls."""
    frames: int
    longest_write_s: float
    behind: int
    """Calls whose card was not over when nothing more came: the backlog at the end."""
    lost_lines: tuple[str, ...]
    drained_s: float
    """From the last byte the PBX sent to the last card's first frame, if that was later."""

    @property
    def cpu_a_call(self) -> float:
        return self.cpu_s / self.latency.calls


@dataclass(slots=True)
class Bench:
    """The PBX, the browsers and the faults found so far."""

    pbx: Pbx
    browsers: Browsers
    callers: tuple[str, ...]
    seed: int = 7
    faults: list[str] = field(default_factory=list)

    def warm_up(self, server: Server, phones: Sequence[str], *, talk: bool) -> None:
        """Play calls that are not measured, because the first ones pay for one-time work."""
        self.measure("warming up", server, phones, count=40, rate=80.0, talk=talk)

    def measure(
        self,
        what: str,
        server: Server,
        phones: Sequence[str],
        *,
        count: int,
        rate: float,
        talk: bool = True,
        stalled: frozenset[str] = frozenset(),
        arrival: Arrival = Arrival.ONE_WRITE,
        life: Life = SHORT_LIFE,
    ) -> Measured:
        """Play ``count`` calls and wait until they are over. Lost and misrouted cards and a
        backlog become faults."""
        before = server.usage()
        played, collected = self.play(
            phones, count=count, rate=rate, settled=talk, arrival=arrival, life=life
        )
        used = server.usage().cpu_s - before.cpu_s
        routed = route(played.rang, collected.seen, stalled)
        behind = sum(card.state not in OVER for card in collected.seen) if talk else 0
        self._note(what, routed, behind)
        if routed.latency is None:
            raise RuntimeError(f"{what}: not one of {count} cards arrived")
        last = max(card.at for card in collected.seen)
        return Measured(
            routed.latency,
            used,
            collected.frames,
            played.longest_write_s,
            behind,
            collected.lost_lines,
            max(0.0, last - played.ended_at),
        )

    def play(
        self,
        phones: Sequence[str],
        *,
        count: int,
        rate: float,
        settled: bool = True,
        arrival: Arrival = Arrival.ONE_WRITE,
        life: Life = SHORT_LIFE,
    ) -> tuple[Played, Collected]:
        """Play calls from customers to these phones and return them with the cards received."""
        self.seed += 1
        play = Play(self.callers, tuple(phones), count, rate, self.seed, arrival, life)
        played = self.pbx.play(play)
        return played, self.browsers.collect(count, _QUIET_S, settled=settled)

    def fault(self, what: str) -> None:
        self.faults.append(what)

    @contextlib.contextmanager
    def connected(
        self, server: Server, logins: Sequence[AgentLogin], *, talk: bool
    ) -> Iterator[None]:
        """Keep one browser for each login connected inside the block."""
        self.browsers.open(server.port, tuple(logins), talk=talk)
        try:
            yield
        finally:
            self.browsers.close_all()

    def _note(self, what: str, routed: Routed, behind: int) -> None:
        for number, word in (
            (len(routed.lost), "lost"),
            (len(routed.misrouted), "misrouted"),
            (behind, "not over at the end"),
        ):
            if number:
                self.fault(f"{what}: {number} cards {word}")
