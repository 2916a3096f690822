"""From which values the board's figures are amber and red; 0 means never."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WaitLimits:
    """Seconds of waiting."""

    amber_s: float = 20.0
    red_s: float = 60.0


Pair = tuple[float, float]
"""The values for amber and for red."""


@dataclass(frozen=True, slots=True)
class BoardLimits:
    """``service_level`` and ``popup`` are too low below their limits, others too high from theirs
    on. Shares are in percent."""

    wait: WaitLimits = field(default_factory=WaitLimits)
    queues: Mapping[str, WaitLimits] = field(default_factory=dict)
    """Of single queues."""
    waiting: Pair = (5, 10)
    abandoned: Pair = (5, 10)
    service_level: Pair = (80, 60)
    popup: Pair = (95, 80)
