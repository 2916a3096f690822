"""Objects shared by all routes; created once by ``create_web``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.accounts.users import Role
from screenpop.calls.board_limits import BoardLimits
from screenpop.cards.program_links import ProgramLink
from screenpop.customers.trip_board import BoardRules
from screenpop.follow_ups.office_hours import OfficeHours
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.tiers import TierRule
from screenpop.loyalty.vouchers import MAX_BATCH
from screenpop.reports.calls import ServiceTargets
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.engine.database import Database
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import UserResolver
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.auth.provider_port import LoginProvider
from screenpop.web.calls.missed_versions import MissedCallVersions
from screenpop.web.customers.opened_files import OpenedFiles
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.export_port import Export
from screenpop.web.imports.port import Imports
from screenpop.web.ports import (
    AdminFacts,
    Agents,
    CallbackChanged,
    Clock,
    Commands,
    HotDesks,
    Messages,
    NoteChanged,
    OffersChanged,
    Simulate,
    TierPreview,
    TraceOf,
    Webhooks,
    no_callback_changed,
    no_note_changed,
    no_offers_changed,
    no_trace,
)
from screenpop.web.templating import Renderer
from screenpop.web.websocket.endpoint import WebSocketEndpoint


@dataclass(frozen=True, slots=True)
class WebContext:
    database: Database
    user_resolver: UserResolver
    renderer: Renderer
    cookies: Cookies
    websocket_endpoint: WebSocketEndpoint
    clock: Clock
    simulate: Simulate | None
    demo: bool
    desks: HotDesks
    zone: ZoneInfo
    """Time zone of the office; decides the day of a call."""
    plan: NumberPlan
    """Number plan for typed numbers."""
    lines: TrunkLines
    """Names of the dialled numbers."""
    office_hours: OfficeHours
    """When the office answers its phones; its closed days, on which it calls no customer."""
    throttle: LoginThrottle
    admin: AdminFacts
    commands: Commands
    agents: Agents
    opened_files: OpenedFiles
    missed_versions: MissedCallVersions
    demo_guide: DemoGuide | None = None
    """None where no guide explains the card: outside the demo."""
    imports: Imports | None = None
    """None if imports are not available."""
    export: Export | None = None
    """None if exports are not available."""
    programs: Sequence[ProgramLink] = ()
    """Links from each card to other programs."""
    messages: Messages | None = None
    """None if the office has no gateway for messages."""
    webhooks: Webhooks = field(default_factory=Webhooks)
    note_changed: NoteChanged = no_note_changed
    """Called after a note on a call's page changed, to update a card on a screen."""
    callback_changed: CallbackChanged = no_callback_changed
    """Called after a user took, returned or closed a callback, so that other pages show it."""
    offers_changed: OffersChanged = no_offers_changed
    """Called after a user changed the office's offers, so that cards have them at once."""
    trace_of: TraceOf = no_trace
    """The trace so far of a call in progress, whose trace is stored when it ends."""

    point_rules: PointRules = field(default_factory=PointRules)
    """What trips earn."""
    tier_rules: Sequence[TierRule] = ()
    """Rules of the settings, in use until the office saves its own."""
    tier_preview: TierPreview | None = None
    """None where no process can count what other rules change."""
    voucher_batch: int = MAX_BATCH
    """Vouchers of one batch at most."""
    trip_rules: BoardRules = field(default_factory=BoardRules)
    """When a trip on the board is stuck."""
    second_factor_roles: Collection[Role] = ()
    """Roles that log in with a code besides the password."""
    provider: LoginProvider | None = None
    """None if users log in with passwords only."""
    service_targets: ServiceTargets = field(default_factory=ServiceTargets)
    """Within how many seconds calls should be answered."""
    board_limits: BoardLimits = field(default_factory=BoardLimits)
    recording_template: str = ""
    """As ``calls.recording_link``; empty: pages have no link to recordings."""
    queue_names: Sequence[str] = ()
    """The queues of the settings."""

    def today(self) -> date:
        """Return today's date in the office's time zone."""
        return datetime.fromtimestamp(self.clock(), self.zone).date()
