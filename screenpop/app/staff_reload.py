"""Loads users and phones, and again after pages or the command line have changed them."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import structlog

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import PhoneKey, Roster
from screenpop.app.running_app import App
from screenpop.service.staff import Staff, build_staff
from screenpop.settings import Settings
from screenpop.store.accounts.staff_rows import (
    StaffRows,
    StaffUser,
    read_staff_rows,
    staff_version,
)
from screenpop.store.accounts.users import ANY_PBX
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId

_log = structlog.get_logger()

STAFF_RELOAD_S = 10.0
"""Seconds between reloads of users and phones, which the command line may have changed."""


async def reload_staff(app: App) -> None:
    """Look at users and phones from time to time, and at once after ``app.moved``."""
    version = ""
    while True:
        # Not ``wait_for``: before Python 3.12 it can lose a cancellation that comes with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STAFF_RELOAD_S):
                await app.moved.wait()
        app.moved.clear()
        try:
            version = await apply_staff(app, version)
        except DatabaseProblemError:
            continue  # logged once, by the database; the known users stay
        except Exception as problem:  # noqa: BLE001 -- the known users stay valid
            _log.warning("Users and phones cannot be read; those known stay", why=str(problem))


async def apply_staff(app: App, known: str) -> str:
    """Apply users and phones as they are now; return their version.

    ``known``: the version that was applied last, of which nothing is read again; empty: none.
    Raises ``DatabaseProblemError``."""
    now = time.time()
    # Before the rows: a change between the two is read twice rather than not at all.
    version = await staff_version(app.database, now)
    if version == known:
        return version
    people = await load_staff(app.database, app.settings, now)
    if people != app.people:
        app.people = people
        if app.simulated_pbx is not None:
            name_phones(app)
        app.screen_pop.people_changed(people)
    return version


async def load_staff(database: Database, settings: Settings, now: float) -> Staff:
    """Return users, phones and today's hot-desk seats from the database."""
    pbxes = (*(PbxId(pbx.id) for pbx in settings.pbx), SIMULATED)
    rows = await read_staff_rows(database, now)
    # In a thread: with 10,000 users it takes longer than cards may wait.
    return await asyncio.to_thread(_staff_of, rows, pbxes)


def _staff_of(rows: StaffRows, pbxes: Sequence[PbxId]) -> Staff:
    phones: dict[int, list[PhoneKey]] = {}
    for phone in rows.phones:
        phones.setdefault(phone.user, []).append((PbxId(phone.pbx), Endpoint(phone.endpoint)))
    seated = {login.user for login in rows.logins}
    agents: dict[PbxId, list[Agent]] = {pbx: [] for pbx in pbxes}
    for row in rows.users:
        own = phones.get(row.id, [])
        for pbx in pbxes:
            there = tuple(dict.fromkeys(phone for where, phone in own if where in {pbx, ANY_PBX}))
            # Without phones an agent may still take one as a hot desk.
            if there or row.id in seated:
                agents[pbx].append(_agent(row, there))
    logins = [
        ((pbx, login.endpoint), AgentId(login.user))
        for login in rows.logins
        for pbx in ((login.pbx,) if login.pbx else pbxes)
    ]
    roster = Roster.of(agents).with_logins(logins)
    return build_staff(map(_user, rows.users), roster, rows.teams, rows.screens)


def _agent(row: StaffUser, phones: tuple[Endpoint, ...]) -> Agent:
    name, language = row.display_name, row.language
    return Agent(AgentId(row.id), row.username, name, row.department, language, phones, row.branch)


def _user(row: StaffUser) -> User:
    """Return a user without the preferences for cards, which the staff does not have."""
    role, department = Role(row.role), Department(row.department)
    return User(UserId(row.id), row.username, row.display_name, role, department, row.language)


def name_phones(app: App) -> None:
    """Write the names of agents to the phones of the simulated PBX."""
    app.phones.clear()
    for pbx, phone in app.people.roster.desks:
        app.phones[phone] = app.people.roster.name_at(pbx, phone)
