"""Reading a PBX for the proposal: what comes, what is refused, and what never ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screenpop.ami.config import AmiConfig, AmiTls
from screenpop.ami.problem_codes import ProblemCode
from screenpop.app.discovery import (
    MAX_DETAILS,
    DiscoveryError,
    discover,
    missing_line,
    unread_sentence,
)
from screenpop.app.pbx_links import english_catalogue
from screenpop.discovery.pbx_lists import Device, Unread, UnreadReason
from screenpop.discovery.proposal import propose
from screenpop.telephony.identifiers import PbxId
from tests.ami.speaking_server import SpeakingServer, make_certificate
from tests.discovery.listing_pbx import FREEPBX_ROWS, ListingPbx

pytestmark = pytest.mark.anyio


@contextmanager
def serving(pbx: ListingPbx, certificate: Path | None = None) -> Iterator[AmiConfig]:
    with SpeakingServer(pbx, certificate=certificate) as server:
        yield AmiConfig(PbxId("office"), server.host, "pop", "secret", server.port)


async def test_a_freepbx_on_asterisk_16_is_read_and_proposed() -> None:
    values = {
        "PJSIP_ENDPOINT(102,callerid)": '"Nikos" <102>',
        "PJSIP_ENDPOINT(102,context)": "from-internal",
        "PJSIP_ENDPOINT(otenet,context)": "from-pstn",
    }
    with serving(ListingPbx(lists=FREEPBX_ROWS, values=values)) as address:
        lists = await discover(address)
    found = propose(lists)
    assert (lists.unread, lists.version) == ((), "16.28.0")
    assert [(one.name, one.phones) for one in found.people] == [
        ("Maryam", ("101",)),
        ("Nikos", ("102",)),
    ]
    assert found.trunks == ("a,b)", "otenet")
    assert [(one.number, one.label) for one in found.lines] == [("2109100070", "600")]


async def test_only_names_that_cannot_leave_a_dialplan_function_are_put_into_one() -> None:
    pbx = ListingPbx(lists=FREEPBX_ROWS)
    with SpeakingServer(pbx) as server:
        address = AmiConfig(PbxId("office"), server.host, "pop", "secret", server.port)
        lists = await discover(address)
        asked = [one["Variable"] for one in server.connections[0].heard if "Variable" in one]
    assert Device("PJSIP", "a,b)") not in lists.details
    assert len(asked) == 2 * 3
    assert not [one for one in asked if "a,b" in one]


async def test_a_refused_list_is_named_with_the_line_that_would_allow_it() -> None:
    refused = {"DeviceStateList": "Permission denied", "ShowDialPlan": "Permission denied"}
    with serving(ListingPbx(lists=FREEPBX_ROWS, refused=refused)) as address:
        lists = await discover(address)
    assert lists.unread == (
        Unread("DeviceStateList", UnreadReason.REFUSED),
        Unread("ShowDialPlan", UnreadReason.REFUSED),
    )
    sentences = [unread_sentence(one, english_catalogue()) for one in lists.unread]
    assert all("write = reporting" in one for one in sentences)


async def test_a_pbx_without_devices_is_named_with_what_would_list_them() -> None:
    with serving(ListingPbx()) as address:
        lists = await discover(address)
    lines = {one.action: missing_line(one) for one in lists.unread}
    assert lines["DeviceStateList"] == "load = res_manager_devicestate.so"
    assert lines["PJSIPShowEndpoints"] == "write = reporting,system"
    absent = Unread("SIPpeers", UnreadReason.UNKNOWN)
    assert unread_sentence(absent, english_catalogue()) == "The PBX does not have SIPpeers."


async def test_a_list_that_never_ends_leaves_the_rest_of_the_proposal() -> None:
    pbx = ListingPbx(lists=FREEPBX_ROWS, unanswered={"ShowDialPlan"})
    with serving(pbx) as address:
        lists = await discover(address, within_s=1.0)
    assert lists.unread == (Unread("ShowDialPlan", UnreadReason.INCOMPLETE),)
    assert propose(lists).trunks
    assert "did not end in time" in unread_sentence(lists.unread[0], english_catalogue())
    miscounted = ListingPbx(lists=FREEPBX_ROWS, miscounted={"DeviceStateList"})
    with serving(miscounted) as address:
        lists = await discover(address)
    assert lists.unread == (Unread("DeviceStateList", UnreadReason.INCOMPLETE),)


async def test_details_of_600_devices_are_read_and_not_of_one_more() -> None:
    rows: list[dict[str, object]] = [
        {"Event": "DeviceStateChange", "Device": f"PJSIP/{n}"} for n in range(MAX_DETAILS + 1)
    ]
    with serving(ListingPbx(lists={"DeviceStateList": rows})) as address:
        lists = await discover(address)
    assert len(lists.details) == MAX_DETAILS
    assert len(propose(lists).people) + propose(lists).left_out == MAX_DETAILS + 1


async def test_a_wrong_secret_a_missing_class_and_an_unknown_certificate_have_their_codes(
    tmp_path: Path,
) -> None:
    async def code_at(address: AmiConfig) -> ProblemCode:
        with pytest.raises(DiscoveryError) as failed:
            await discover(address)
        return failed.value.problem.code

    with serving(ListingPbx(secret="another")) as address:
        assert await code_at(address) is ProblemCode.WRONG_SECRET
    with serving(ListingPbx(refused={"CoreStatus": "Permission denied"})) as address:
        assert await code_at(address) is ProblemCode.CLASS_REFUSED
    with serving(ListingPbx(), make_certificate(tmp_path)) as address:
        where = (address.pbx, address.host, "pop", "secret", address.port)
        assert await code_at(AmiConfig(*where, AmiTls())) is ProblemCode.CERTIFICATE_UNKNOWN
        trusted = AmiConfig(*where, AmiTls(ca_file=str(tmp_path / "certificate.pem")))
        assert (await discover(trusted)).version == "16.28.0"
