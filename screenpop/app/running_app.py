"""The parts of a running server."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.agi.server import AgiTally
from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.call_clock import CallClock
from screenpop.app.caller_source import SourcedLookup
from screenpop.app.office_offers import OfferKeeper
from screenpop.app.pbx_links import LinkedActions, PbxLinks
from screenpop.app.task_times import TaskTimes, last_backup_at
from screenpop.app.webhook_sender import WebhookSender
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.ports import Publisher
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.staff import Staff
from screenpop.settings import Settings
from screenpop.simulator.simulated_pbx_server import SimulatedPbxServer
from screenpop.store.engine.database import Database


class Bus(Publisher, Protocol):
    """The bus of the process that owns the calls."""

    def readers(self, user: UserId) -> int:
        """Return how many pages of this user are open, in all processes."""


@dataclass(slots=True)
class App:
    """One running server."""

    settings: Settings
    database: Database
    bus: Bus
    screen_pop: ScreenPopRunner
    links: PbxLinks
    people: Staff
    tasks: BackgroundTasks
    actions: LinkedActions
    dials: AnnouncedDials
    offers: OfferKeeper
    webhooks: WebhookSender
    clock: CallClock
    """The time of the calls."""
    stop: asyncio.Event
    """Set this event to stop the server."""
    sourced: SourcedLookup | None = None
    """None if no other program is asked about callers."""
    restarts: bool = False
    """Set before ``stop`` to start anew, with the settings as they are then."""
    settings_path: Path | None = None
    """The settings file; None in the demo."""
    simulated_pbx: SimulatedPbxServer | None = None
    url: str = ""
    agi_tally: AgiTally | None = None
    """None while the settings have FastAGI off."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set this event after a change of seats or phones; all phones are reloaded at once."""
    phones: dict[str, str] = field(default_factory=dict)
    """Phones of the simulated PBX with their agents' names."""
    task_times: TaskTimes = field(default_factory=TaskTimes)

    def last_successes(self) -> dict[str, float]:
        """Return when each regular task last succeeded, seconds since 1970; 0: not yet."""
        return {**self.task_times.last_success, "backup": last_backup_at(self.settings.data_dir)}
