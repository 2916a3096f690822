"""The parts of a running server."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.agi.server import AgiTally
from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.caller_source import SourcedLookup
from screenpop.app.office_offers import OfferKeeper
from screenpop.app.pbx_links import LinkedActions, PbxLinks
from screenpop.app.watched_folder import WatchedFolder
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
    watched: WatchedFolder | None = None
    """None if the settings name no folder."""
    agi_tally: AgiTally | None = None
    """None while the settings have FastAGI off."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set this event after a change of seats or phones; all phones are reloaded at once."""
    phones: dict[str, str] = field(default_factory=dict)
    """Phones of the simulated PBX with their agents' names."""

    def outside_counts(self) -> Iterator[tuple[str, str, int]]:
        """Return name, help and value of the figures of webhooks and FastAGI."""
        yield "webhooks_delivered", "Events that their target accepted.", self.webhooks.delivered
        yield "webhooks_failed", "Attempts that a target did not accept.", self.webhooks.failed
        tally = self.agi_tally
        if tally is not None:
            yield "agi_answered", "Questions of a dialplan that were answered.", tally.answered
            yield "agi_refused", "Questions of a dialplan that were refused.", tally.refused
            yield "agi_late", "Questions of a dialplan ended by the time limit.", tally.late
