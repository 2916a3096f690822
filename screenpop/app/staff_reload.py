"""Reloads users and phones, which pages and the command line change."""

import asyncio
import contextlib
import time

import structlog

from screenpop.app.running_app import App
from screenpop.app.wiring import load_staff
from screenpop.store.engine.errors import DatabaseProblemError

_log = structlog.get_logger()

STAFF_RELOAD_S = 10.0
"""Seconds between reloads of users and phones, which the command line may have changed."""


async def reload_staff(app: App) -> None:
    """Read users and phones again from time to time, and at once after ``app.moved``."""
    while True:
        # Not ``wait_for``: before Python 3.12 it can lose a cancellation that comes with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STAFF_RELOAD_S):
                await app.moved.wait()
        app.moved.clear()
        try:
            people = await load_staff(app.database, app.settings, time.time())
        except DatabaseProblemError:
            continue  # logged once, by the database; the known users stay
        except Exception as problem:  # noqa: BLE001 -- the known users stay valid
            _log.warning("Users and phones cannot be read; those known stay", why=str(problem))
            continue
        if people != app.people:
            app.people = people
            name_phones(app)
            app.screen_pop.people_changed(people)


def name_phones(app: App) -> None:
    """Write the names of agents to the phones of the simulated PBX."""
    app.phones.clear()
    for pbx, phone in app.people.roster.desks:
        app.phones[phone] = app.people.roster.name_at(pbx, phone)
