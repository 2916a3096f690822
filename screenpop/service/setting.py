"""What the use case needs to know of the house: people, lines, patience, the calendar."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from screenpop.service.lines import Lines
from screenpop.service.people import People
from screenpop.service.stays import Stays


@dataclass(frozen=True, slots=True)
class Setting:
    people: People
    lines: Lines
    today: Callable[[float], date]
    """Which day it is at the office at a time in seconds since 1970."""
    stays: Stays = field(default_factory=Stays)
