"""What the process with the pages of the scale demo is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.page import Seen
from tests.whole_office.agent_logins import AgentLogin


@dataclass(frozen=True, slots=True)
class OpenPages:
    port: int
    logins: tuple[AgentLogin, ...]
    within_s: float
    source: str = ""
    """Address that the pages connect from; empty: any of this machine."""
    reads_lists: bool = False
    """Whether each page reads its missed calls after a snapshot (missed_calls.js)."""


@dataclass(frozen=True, slots=True)
class ResetAll:
    """Reset all connections at once, as a proxy or a router that loses them does."""


@dataclass(frozen=True, slots=True)
class CountPages:
    """Ask how many pages are connected."""


@dataclass(frozen=True, slots=True)
class PageCounts:
    breaks: int
    """Since the start: connections that ended after their page was up to date."""
    away: int
    """Pages that are not up to date now."""
    stale: int
    """Pages that are behind, or elsewhere, by the newest heartbeat of the server."""


@dataclass(frozen=True, slots=True)
class Report:
    """Ask for what was received so far."""


@dataclass(frozen=True, slots=True)
class Break:
    """A span in which one page was not connected. ``until`` is None while it lasts."""

    phone: str
    since: float
    until: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReceivedCards:
    first: tuple[Seen, ...]
    """Each call once for a phone: the time of its first card there, with the newest state."""
    repeated: int
    """Cards that came again with a revision that the page had already."""
    breaks: tuple[Break, ...]
    frames: int
    refused: Mapping[str, int] = field(default_factory=dict)
    """Connections that ended before their page was up to date, by reason."""
    gaps: int = 0
    """Numbers of a stream that were left out or came twice."""
    lists: Mapping[str, int] = field(default_factory=dict)
    """Answers to requests for missed calls, by status."""
