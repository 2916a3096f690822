"""The state of one PBX link for every page: the JSON of the ``pbx`` message."""

from collections.abc import Mapping
from dataclasses import dataclass

from screenpop.telephony.identifiers import PbxId


@dataclass(frozen=True, slots=True)
class PbxProblem:
    """A code with parameters; the texts are in the catalogues (``pbx.<code>``)."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without a link: its calls are rebuilt from a snapshot, or missing. Seconds since
    1970."""

    begun_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class PbxStatus:
    id: PbxId
    state: str
    """``down``, ``connecting``, ``login``, ``buffering``, ``resync`` or ``live``."""
    since: float
    """When it became live, or ceased to be; seconds since 1970."""
    problem: PbxProblem | None = None
    blind: Outage | None = None
    """The last outage, once the link is live again."""


@dataclass(slots=True)
class OutageTracker:
    """Tracks the outages of one link."""

    blind: Outage | None = None
    _lost_at: float | None = None
    _has_seen: bool = False

    def entered(self, *, live: bool, since: float, unheard_s: float = 0.0) -> Outage | None:
        """Handle a state of the link; return the last outage, None before the link was first live.

        ``unheard_s``: how long the PBX had already been silent at ``since``.
        """
        if not live:
            if self._has_seen and self._lost_at is None:
                self._lost_at = since - unheard_s
            return self.blind
        if self._lost_at is not None:
            self.blind = Outage(self._lost_at, since)
        self._lost_at, self._has_seen = None, True
        return self.blind
