"""The demo's settings, data and calls."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import available_timezones

from screenpop.accounts.users import UserId
from screenpop.demo.customers import demo_customers
from screenpop.demo.driver import DemoDriver, DemoViewers
from screenpop.demo.recording import give_phones, phones_rung
from screenpop.demo.schedule import CallSchedule, DemoCallers, DemoLines
from screenpop.demo.seed import DEMO_ZONE, seed_demo
from screenpop.service.staff import Staff
from screenpop.settings import Settings, settings_of
from screenpop.simulator.recording_file import Recording
from screenpop.simulator.simulated_pbx_server import SimulatedPbxServer
from screenpop.store.engine.database import opened
from screenpop.store.search.maintenance import bring_up_to_date
from screenpop.telephony.identifiers import SIMULATED

LABELS = {
    "+982188554400": "Main line",
    "+982188554401": "Sales line",
    "+982188554402": "After-sales line",
    "+982188554403": "All desks",
    "02191000101": "Test line",
}
DEMO_LINES = DemoLines(
    line="+982188554401",
    group_line="+982188554403",
    queue_lines=(("sales", "+982188554400"), ("support", "+982188554402")),
)
_STRANGERS = (
    "+302103214455",
    "+302310987654",
    "+989121119988",
    "+982144556677",
    "+442071838750",
    "+436601234567",
)


@dataclass(frozen=True, slots=True)
class Demo:
    cast: DemoCallers | None
    """Who calls; None if no calls are played automatically."""
    lines: DemoLines = DEMO_LINES
    recording: Recording | None = None
    """Played instead of invented calls."""

    @property
    def guides(self) -> bool:
        """Return whether notes on the desk explain the card: a demo without calls is for tests."""
        return self.cast is not None or self.recording is not None


def zone_of_computer(variable: str, link: Path) -> str:
    """Return the name of the computer's time zone, ``Asia/Tehran`` if it has none.

    ``variable``: the value of ``TZ``; ``link``: the link into the folder of time zones.
    """
    linked = os.path.realpath(link).partition("/zoneinfo/")[2]
    known = available_timezones()
    names = (variable.removeprefix(":"), linked, DEMO_ZONE.key)
    return next(name for name in names if name in known)


def demo_settings(port: int, folder: Path) -> Settings:
    """Return settings for loopback, independent of the settings file.

    The office is where this computer is, as its browser shows the times of calls: with another
    zone, the board and the reports would count the hours of another day.
    """
    return settings_of(
        bind_port=port,
        data_dir=folder,
        timezone=zone_of_computer(os.environ.get("TZ", ""), Path("/etc/localtime")),
        points={"per_trip": 100, "per_amount": 1, "amount": 10, "currency": "EUR", "months": 36},
        number_plan={"region": "IR", "area_code": "21", "extensions": ["1XX"]},
    )


async def prepare_demo(
    settings: Settings, now: float, *, plays: bool = True, recording: Recording | None = None
) -> Demo:
    """Fill the database if it is empty; its schema must exist.

    ``recording``: played instead of invented calls; its phones are given to the demo's agents.
    """
    today = datetime.fromtimestamp(now, settings.zone).date()
    async with opened(settings.database_address) as database:
        await seed_demo(database, today=today, now=now, zone=settings.zone)
        await bring_up_to_date(database, settings.number_plan.plan())
        if recording is not None:
            await give_phones(database, phones_rung(recording))
            return Demo(None, recording=recording)
    return Demo(_demo_callers(today) if plays else None)


def _demo_callers(today: date) -> DemoCallers:
    """Return the callers; only showcase customers have a description of their cards."""
    people = demo_customers(today)
    owners: dict[str, int] = {}
    for person in people:
        for phone in person.draft.phones:
            owners[phone.e164 or ""] = owners.get(phone.e164 or "", 0) + 1
    shared = tuple(number for number, count in owners.items() if number and count > 1)
    own = [
        (person.shows, number)
        for person in people
        if (number := _own_number([phone.e164 or "" for phone in person.draft.phones], owners))
    ]
    return DemoCallers(
        leads=tuple(number for shows, number in own if shows),
        crowd=tuple(number for shows, number in own if not shows),
        strangers=tuple(number for number in _STRANGERS if number not in owners),
        shared=shared,
    )


def _own_number(numbers: list[str], owners: dict[str, int]) -> str:
    return next((number for number in numbers if number and owners[number] == 1), "")


async def run_demo_calls(
    simulated_pbx: SimulatedPbxServer,
    cast: DemoCallers,
    lines: DemoLines,
    people: Callable[[], Staff],
    tabs: Callable[[UserId], int],
) -> None:
    """Play scheduled calls for ever. ``tabs``: returns how many pages a user has open."""
    await simulated_pbx.server.followed()
    rng = random.Random()  # noqa: S311 -- not used for security

    def audience() -> DemoViewers:
        watching = {user for user in people().everyone if tabs(user)}
        phones = [
            phone
            for (pbx, phone), agent in people().roster.desks.items()
            if pbx == SIMULATED and UserId(agent) in watching
        ]
        return DemoViewers(tuple(phones), bool(watching))

    programme = CallSchedule(cast, lines, rng)
    await DemoDriver(
        simulated_pbx.player, programme, audience, time.monotonic, rng, asyncio.sleep
    ).run()
