"""What the pages share: made once by ``create_web``, handed to each set of routes."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.service.lines import Lines
from screenpop.store.database import Database
from screenpop.telephony.plan import NumberPlan
from screenpop.web.cookies import Cookies
from screenpop.web.import_port import Imports
from screenpop.web.login_throttle import LoginThrottle
from screenpop.web.ports import (
    AdminFacts,
    Clock,
    Desks,
    Export,
    NoteChanged,
    Simulate,
    no_note_changed,
)
from screenpop.web.rendering import Renderer
from screenpop.web.sockets import SocketDoor
from screenpop.web.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Site:
    database: Database
    visitors: Visitors
    renderer: Renderer
    cookies: Cookies
    door: SocketDoor
    clock: Clock
    simulate: Simulate | None
    demo: bool
    desks: Desks
    zone: ZoneInfo
    """Of the office: decides which day a call came on."""
    plan: NumberPlan
    """How a number that somebody types is meant."""
    lines: Lines
    """What the numbers that callers dial are called."""
    throttle: LoginThrottle
    admin: AdminFacts
    imports: Imports | None = None
    """None where no sheets can be brought in."""
    export: Export | None = None
    """None where no sheets can be taken along."""
    note_changed: NoteChanged = no_note_changed
    """Tells the card, if it is still on a screen."""

    def today(self) -> date:
        """Return the day it is in the office."""
        return datetime.fromtimestamp(self.clock(), self.zone).date()
