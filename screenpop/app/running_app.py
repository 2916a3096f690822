"""The parts of a running server."""

import asyncio
from dataclasses import dataclass, field

from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.office_offers import OfferKeeper
from screenpop.app.pbx_links import LinkedActions, PbxLinks
from screenpop.app.webhook_sender import WebhookSender
from screenpop.bus.memory import MemoryBus
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.staff import Staff
from screenpop.settings import Settings
from screenpop.simulator.simulated_pbx_server import SimulatedPbxServer
from screenpop.store.engine.database import Database


@dataclass(slots=True)
class App:
    """One running server."""

    settings: Settings
    database: Database
    bus: MemoryBus
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
    simulated_pbx: SimulatedPbxServer | None = None
    url: str = ""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set this event after a change of seats or phones; all phones are reloaded at once."""
    phones: dict[str, str] = field(default_factory=dict)
    """Phones of the simulated PBX with their agents' names."""
