"""How the line to one PBX stands, for everybody's page: the JSON of the ``pbx`` message."""

from collections.abc import Mapping
from dataclasses import dataclass

from screenpop.telephony.identifiers import PbxId


@dataclass(frozen=True, slots=True)
class PbxProblem:
    """A code with parameters; the words live in the catalogues (``pbx.<code>``)."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outage:
    """Calls of this time are rebuilt from what the PBX still knew afterwards, or missing. Seconds
    since 1970."""

    begun_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class PbxStatus:
    id: PbxId
    state: str
    """``down``, ``connecting``, ``login``, ``buffering``, ``resync`` or ``live``."""
    since: float
    """Since when it is live, or is not; seconds since 1970."""
    problem: PbxProblem | None = None
    blind: Outage | None = None
    """The last time that it was not live, once it is live again."""


@dataclass(slots=True)
class OutageTracker:
    """Remembers for one link from when to when nothing was seen."""

    blind: Outage | None = None
    _lost_at: float | None = None
    _has_seen: bool = False

    def entered(self, *, live: bool, since: float, unheard_s: float = 0.0) -> Outage | None:
        """At each step of the link, its ``since``; ``unheard_s``: how long before that the PBX had
        been silent already. Gives the last blind spell. Before the first sight there is none."""
        if not live:
            if self._has_seen and self._lost_at is None:
                self._lost_at = since - unheard_s
            return self.blind
        if self._lost_at is not None:
            self.blind = Outage(self._lost_at, since)
        self._lost_at, self._has_seen = None, True
        return self.blind
