"""What the pages share: made once by ``create_web``, handed to each set of routes."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.engine.database import Database
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import UserResolver
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.imports.port import Imports
from screenpop.web.ports import (
    AdminFacts,
    Clock,
    Export,
    HotDesks,
    NoteChanged,
    Simulate,
    no_note_changed,
)
from screenpop.web.templating import Renderer
from screenpop.web.websocket.endpoint import WebSocketEndpoint


@dataclass(frozen=True, slots=True)
class WebContext:
    database: Database
    visitors: UserResolver
    renderer: Renderer
    cookies: Cookies
    door: WebSocketEndpoint
    clock: Clock
    simulate: Simulate | None
    demo: bool
    desks: HotDesks
    zone: ZoneInfo
    """Of the office: decides which day a call came on."""
    plan: NumberPlan
    """How a number that somebody types is meant."""
    lines: TrunkLines
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
