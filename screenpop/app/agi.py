"""The FastAGI server of the settings, and whether it answers."""

import asyncio
import contextlib
from collections.abc import Callable

from screenpop.agents.agent import AgentId
from screenpop.agents.roster import Roster
from screenpop.agi.server import AgiConfig, AgiServer
from screenpop.app.doctor_findings import Finding, Grade
from screenpop.settings import Settings
from screenpop.settings.agi import parse_allowed
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import SIMULATED

_CONNECTS_WITHIN_S = 2.0


def agi_server(
    settings: Settings, database: Database, roster: Callable[[], Roster]
) -> AgiServer | None:
    """Return the server; None where the settings have it off."""
    given = settings.fastagi
    if not given.enabled:
        return None
    config = AgiConfig(
        given.bind_host,
        given.bind_port,
        parse_allowed(given.allowed),
        given.most_at_once,
        settings.number_plan.plan(),
        settings.languages[0],
    )
    return AgiServer(config, database.lookup, lambda owner, last: phone_of(roster(), owner, last))


def phone_of(roster: Roster, owner: int | None, last_agent: str) -> str:
    """Return the phone of the owner, else of the only agent of this name; empty for none.

    Of several phones the shortest, then the lowest: an extension before a second device.
    """
    agents = roster.agents.values() if last_agent else ()
    named = [agent.id for agent in agents if agent.display_name == last_agent]
    wanted = ([] if owner is None else [AgentId(owner)]) + (named if len(named) == 1 else [])
    phones = roster.phones_by_agent() if wanted else {}
    for agent in wanted:
        own = sorted(
            {str(phone) for pbx, phone in phones.get(agent, ()) if pbx != SIMULATED},
            key=lambda phone: (len(phone), phone),
        )
        if own:
            return own[0]
    return ""


async def agi_finding(settings: Settings) -> Finding | None:
    """Return whether the FastAGI server accepts connections; None where it is off."""
    given = settings.fastagi
    if not given.enabled:
        return None
    place = f"{given.bind_host}:{given.bind_port}"
    try:
        async with asyncio.timeout(_CONNECTS_WITHIN_S):
            _, writer = await asyncio.open_connection(given.bind_host, given.bind_port)
    except (OSError, TimeoutError):
        return Finding(
            Grade.BAD,
            f"FastAGI is on, but nothing answers at {place}: start Screenpop, or choose another"
            " fastagi.bind_port. Calls go on without it.",
        )
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Finding(Grade.GOOD, f"FastAGI answers at {place}.")
