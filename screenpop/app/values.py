"""The settings as plain values for the rooms."""

from collections.abc import Mapping
from datetime import date, datetime

from screenpop.agents.roster import Roster
from screenpop.ami.address import AmiAddress, AmiTls
from screenpop.service.lines import Lines
from screenpop.service.people import People, people_of
from screenpop.service.setting import Setting
from screenpop.service.stays import Stays
from screenpop.settings import PbxSettings, Settings
from screenpop.store.database import Database
from screenpop.store.users import list_agents, list_users
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId


def setting_of(settings: Settings, people: People, labels: Mapping[str, str]) -> Setting:
    """``labels`` name the lines of the simulated PBX."""
    zone = settings.zone

    def today(now: float) -> date:
        return datetime.fromtimestamp(now, zone).date()

    stays = Stays(missed_s=settings.missed_minutes * 60, wrap_up_s=settings.wrap_up_minutes * 60)
    return Setting(people, lines_of(settings, labels), today, stays)


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


async def read_people(database: Database, settings: Settings) -> People:
    """Users and phones as they stand in the database now."""
    pbxes = (*(PbxId(pbx.id) for pbx in settings.pbx), SIMULATED)
    agents = {pbx: await list_agents(database, pbx) for pbx in pbxes}
    return people_of(await list_users(database), Roster.of(agents))
