"""The settings as plain values for the rooms."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime

from screenpop.accounts.users import User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.ami.address import AmiAddress, AmiTls
from screenpop.app.import_desk import Bureau
from screenpop.importing.lock import LOCK_FILE
from screenpop.service.lines import Lines
from screenpop.service.people import People, people_of
from screenpop.service.setting import Setting
from screenpop.service.stays import Stays
from screenpop.settings import PbxSettings, Settings
from screenpop.spreadsheets.understanding import House
from screenpop.store.database import Database
from screenpop.store.desks import list_desk_logins
from screenpop.store.users import list_agents, list_users
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from screenpop.telephony.plan import extension_pattern
from screenpop.web.ports import Desks


def setting_of(
    settings: Settings,
    people: People,
    labels: Mapping[str, str],
    readers: Callable[[UserId], int] | None = None,
) -> Setting:
    """``labels`` name the lines of the simulated PBX. ``readers``: how many pages a user has."""
    zone = settings.zone

    def today(now: float) -> date:
        return datetime.fromtimestamp(now, zone).date()

    stays = Stays(missed_s=settings.missed_minutes * 60, wrap_up_s=settings.wrap_up_minutes * 60)
    return Setting(people, lines_of(settings, labels), today, stays, phones_of(settings), readers)


def lines_of(settings: Settings, labels: Mapping[str, str]) -> Lines:
    plan = settings.number_plan
    trunks = [(PbxId(pbx.id), trunk) for pbx in settings.pbx for trunk in pbx.trunks]
    named = {
        (where, did): label
        for pbx, trunk in trunks
        for did, label in trunk.lines.items()
        for where in (pbx, SIMULATED)
    }
    return Lines(
        plan.plan(),
        {
            (pbx, Endpoint(trunk.name)): plan.plan(trunk.region, trunk.area_code)
            for pbx, trunk in trunks
        },
        named | {(SIMULATED, did): label for did, label in labels.items()},
    )


def address_of(pbx: PbxSettings) -> AmiAddress:
    tls = None
    if pbx.tls:
        ca_file = str(pbx.tls_ca_file or "")
        tls = AmiTls(ca_file, pbx.tls_pin_sha256, pbx.tls_server_name)
    return AmiAddress(PbxId(pbx.id), pbx.host, pbx.username, pbx.read_secret(), pbx.port, tls)


async def read_people(database: Database, settings: Settings, now: float) -> People:
    """Users and phones as they stand in the database now, and who sits where today."""
    pbxes = (*(PbxId(pbx.id) for pbx in settings.pbx), SIMULATED)
    users = await list_users(database)
    logins = await list_desk_logins(database, now)
    guests = [_without_phones(user) for user in users if user.id in {one.user for one in logins}]
    agents = {pbx: _and(await list_agents(database, pbx), guests) for pbx in pbxes}
    roster = Roster.of(agents)
    for login in logins:
        for pbx in (login.pbx,) if login.pbx else pbxes:
            roster = roster.with_login(pbx, login.endpoint, AgentId(login.user))
    return people_of(users, roster)


def _without_phones(user: User) -> Agent:
    """Somebody who has no phone in the settings may sit down at one."""
    department, language = user.department.value, user.language
    who = AgentId(user.id)
    return Agent(who, user.username, user.display_name, department, language, ())


def _and(agents: tuple[Agent, ...], guests: list[Agent]) -> list[Agent]:
    known = {agent.id for agent in agents}
    return [*agents, *(guest for guest in guests if guest.id not in known)]


def bureau_of(settings: Settings, database: Database) -> Bureau:
    folder = settings.data_dir.absolute()

    def house(currency: str) -> House:
        today = datetime.fromtimestamp(time.time(), settings.zone).date()
        return House(settings.number_plan.plan(), today, currency)

    address = settings.database_address
    return Bureau(database, address, folder / "imports", folder / LOCK_FILE, house, time.time)


def desks_of(
    settings: Settings, changed: Callable[[], None], roster: Callable[[], Roster]
) -> Desks:
    """Where somebody may say that they sit: what the settings call a phone; where they call
    nothing so, any short number."""
    pbxes = tuple(PbxId(pbx.id) for pbx in settings.pbx) or (SIMULATED,)
    is_phone = phones_of(settings)
    silent = {pbx for pbx in pbxes if not _patterns(settings).get(pbx)}

    def may_sit(pbx: PbxId, endpoint: Endpoint) -> bool:
        return any(
            is_phone(one, endpoint) or (one in silent and _SHORT_NUMBER.fullmatch(endpoint))
            for one in ((pbx,) if pbx else pbxes)
        )

    return Desks(pbxes, may_sit, changed, lambda user: roster().has_phone(AgentId(user)))


_SHORT_NUMBER = re.compile(r"[0-9]{2,6}")


def _patterns(settings: Settings) -> dict[PbxId, tuple[str, ...]]:
    everywhere = settings.number_plan.extensions
    named = {PbxId(pbx.id): pbx.phones or everywhere for pbx in settings.pbx}
    return named | {SIMULATED: everywhere}


def phones_of(settings: Settings) -> Callable[[PbxId, Endpoint], bool]:
    """What the settings call a phone, PBX by PBX."""
    patterns = {
        pbx: extension_pattern(texts) for pbx, texts in _patterns(settings).items() if texts
    }

    def is_phone(pbx: PbxId, endpoint: Endpoint) -> bool:
        pattern = patterns.get(pbx)
        return pattern is not None and pattern.fullmatch(endpoint) is not None

    return is_phone
