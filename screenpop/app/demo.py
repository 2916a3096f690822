"""What makes a server a demo: settings of its own, invented customers, and calls from them."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from screenpop.accounts.users import UserId
from screenpop.service.people import People
from screenpop.settings import Settings, settings_of
from screenpop.simulator.director import Audience, Director
from screenpop.simulator.programme import Cast, House, Programme
from screenpop.simulator.theatre import Theatre
from screenpop.store.database import opened
from screenpop.store.demo import seed_demo
from screenpop.store.demo_people import demo_people
from screenpop.store.order import put_in_order
from screenpop.telephony.identifiers import SIMULATED

LABELS = {
    "+982188554400": "Main line",
    "+982188554401": "Sales line",
    "+982188554402": "After-sales line",
    "+982188554403": "All desks",
}
HOUSE = House(
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
    cast: Cast
    plays: bool = True
    """Calls come by themselves."""
    house: House = HOUSE


def demo_settings(port: int, folder: Path) -> Settings:
    """On loopback; nothing that this machine is set to otherwise has a say in it."""
    return settings_of(
        bind_port=port,
        data_dir=folder,
        timezone="Asia/Tehran",
        number_plan={"region": "IR", "area_code": "21", "extensions": ["1XX"]},
    )


async def prepare_demo(settings: Settings, now: float, *, plays: bool = True) -> Demo:
    """Fill the database if that was not done before; its schema must be there."""
    today = datetime.fromtimestamp(now, settings.zone).date()
    async with opened(settings.database_address) as database:
        await seed_demo(database, today=today, now=now)
        await put_in_order(database, settings.number_plan.plan())
    return Demo(_cast(today), plays)


def _cast(today: date) -> Cast:
    """The leading parts are told what their cards show; the crowd is not."""
    people = demo_people(today)
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
    return Cast(
        leads=tuple(number for shows, number in own if shows),
        crowd=tuple(number for shows, number in own if not shows),
        strangers=tuple(number for number in _STRANGERS if number not in owners),
        shared=shared,
    )


def _own_number(numbers: list[str], owners: dict[str, int]) -> str:
    return next((number for number in numbers if number and owners[number] == 1), "")


async def direct(
    theatre: Theatre, demo: Demo, people: Callable[[], People], tabs: Callable[[UserId], int]
) -> None:
    """Play the programme to whoever watches, for ever. ``tabs``: how many pages a user has open."""
    await theatre.server.followed()
    dice = random.Random()  # noqa: S311 -- a demo's dice guard nothing

    def audience() -> Audience:
        watching = {user for user in people().everyone if tabs(user)}
        phones = [
            phone
            for (pbx, phone), agent in people().roster.desks.items()
            if pbx == SIMULATED and UserId(agent) in watching
        ]
        return Audience(tuple(phones), bool(watching))

    programme = Programme(demo.cast, demo.house, dice)
    await Director(theatre.stage, programme, audience, time.monotonic, dice, asyncio.sleep).run()
