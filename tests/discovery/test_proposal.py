"""What is proposed from the lists of plain Asterisk, FreePBX and Issabel, and of hostile ones."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.common.text import display_text
from screenpop.discovery.lines import MAX_LINES, Line
from screenpop.discovery.pbx_lists import (
    MAX_DEVICE_NAME,
    Device,
    DeviceDetails,
    PbxLists,
    caller_id_name,
)
from screenpop.discovery.proposal import (
    LONGEST_EXTENSION,
    MAX_PEOPLE,
    MAX_QUEUES,
    MAX_TRUNKS,
    Layout,
    propose,
)
from screenpop.discovery.settings_file import Office, PbxAddress, pbx_toml, settings_toml
from screenpop.discovery.usernames import usernames
from screenpop.settings import settings_of
from screenpop.telephony.number_plan import extension_pattern
from tests.discovery.rows import FREEPBX, ISSABEL, device, member, row, step

OFFICE = Office("GR", "Europe/Athens", "/var/lib/screenpop", "21")
ADDRESS = PbxAddress("pbx.lan", 5038, "screenpop", "", {"tls": True})


def test_freepbx_gives_people_with_all_their_phones_and_trunks_of_any_name() -> None:
    found = propose(FREEPBX)
    assert (found.layout, found.version, found.technology) == (Layout.FREEPBX, "18.9.0", "PJSIP")
    assert found.trunks == ("Vodafone",)
    maryam, eleni = found.people
    assert (maryam.name, maryam.username, maryam.phones) == (
        "Maryam Karimi",
        "maryam",
        ("101", "99101"),
    )
    assert (maryam.queues, maryam.language) == (("600",), "")
    assert (eleni.name, eleni.username, eleni.language) == ("Ελένη", "102", "el")
    assert found.queues == ("600",)
    assert found.extensions == ("1XX", "9XXXX")


def test_dialled_numbers_are_named_after_the_queue_or_person_that_they_lead_to() -> None:
    assert propose(FREEPBX).lines == (
        Line("2109100070", "600", True),
        Line("2109100071", "Maryam Karimi", True),
        Line("2109100072", "2109100072", False),
    )


def test_issabel_gives_peers_of_chan_sip_with_names_in_persian() -> None:
    found = propose(ISSABEL)
    assert (found.layout, found.technology, found.trunks) == (Layout.FREEPBX, "SIP", ("otenet",))
    sara, nameless = found.people
    assert (sara.name, sara.username, sara.language) == ("سارا حسینی", "201", "fa")
    assert (nameless.display_name, nameless.username, nameless.queues) == ("202", "202", ("705",))


def test_phones_and_trunks_of_plain_asterisk_differ_by_context_then_by_name() -> None:
    details = {
        Device("PJSIP", "reception"): DeviceDetails("Front desk", "from-internal"),
        Device("PJSIP", "30210"): DeviceDetails("", "from-trunk-sip"),
    }
    listed = ("PJSIP/reception", "PJSIP/30210", "PJSIP/otenet", "PJSIP/104", "PJSIP/anonymous")
    found = propose(PbxLists({"DeviceStateList": tuple(map(device, listed))}, details))
    assert found.layout is Layout.PLAIN
    assert found.trunks == ("30210", "otenet")
    assert [one.phones for one in found.people] == [("104",), ("reception",)]
    assert [one.username for one in found.people] == ["104", "front"]


def test_a_queue_member_of_a_removed_channel_driver_is_no_phone() -> None:
    queues = (member("705", "SIP/201", "SIP/201"), member("705", "PJSIP/103", "PJSIP/103"))
    listed = {"DeviceStateList": (device("PJSIP/101"),), "QueueStatus": queues}
    assert [one.extension for one in propose(PbxLists(listed)).people] == ["101", "103"]
    alone = propose(PbxLists({"QueueStatus": queues}))
    assert [one.extension for one in alone.people] == ["103", "201"]


def test_a_name_of_six_digits_is_a_phone_and_one_of_seven_an_account_at_a_provider() -> None:
    names = ("1" * LONGEST_EXTENSION, "1" * (LONGEST_EXTENSION + 1))
    listed = tuple(device(f"PJSIP/{name}") for name in names)
    found = propose(PbxLists({"DeviceStateList": listed}))
    assert ([one.extension for one in found.people], found.trunks) == ([names[0]], (names[1],))


def test_a_pattern_that_would_fit_a_trunk_is_replaced_by_the_phones_themselves() -> None:
    details = {Device("PJSIP", "150"): DeviceDetails("", "from-trunk")}
    listed = tuple(device(f"PJSIP/{name}") for name in ("101", "102", "150", "201"))
    found = propose(PbxLists({"DeviceStateList": listed}, details))
    assert (found.trunks, found.extensions) == (("150",), ("2XX", "101", "102"))


def test_names_are_cleaned_and_unusable_devices_left_out() -> None:
    bad = "Mar\u202eyam\x07\r\nEvent: Hangup"
    longest = "a" * MAX_DEVICE_NAME
    listed = ("PJSIP/10\u202e1", f"PJSIP/{longest}", f"PJSIP/{longest}a", "PJSIP/101")
    details = {Device("PJSIP", "101"): DeviceDetails(bad, "from-internal")}
    found = propose(PbxLists({"DeviceStateList": tuple(map(device, listed))}, details))
    assert found.trunks == (longest,)
    assert [one.name for one in found.people] == [display_text(bad, 80)]
    assert "\u202e" not in found.people[0].name


def test_a_caller_id_that_is_only_the_number_is_no_name() -> None:
    assert caller_id_name('"Maryam Karimi" <101>') == "Maryam Karimi"
    assert caller_id_name("Maryam <101>").strip() == "Maryam"
    assert caller_id_name("101 <101>").strip() in {"", "101"}
    assert caller_id_name('"101" <101>') == ""
    assert caller_id_name("<101>") == ""
    assert caller_id_name('"a" "b" <c> <d>') == ""


def test_login_names_are_the_first_name_then_both_then_the_extension() -> None:
    people = [("101", "Zoë Karimi"), ("102", "Zoë Petrou"), ("103", "Zoe"), ("104", "102")]
    assert usernames(people) == {
        "101": "zoe",
        "102": "zoe.petrou",
        "103": "103",
        "104": "104",
    }
    assert usernames([("...", "Agent 7"), ("---", "")]) == {"...": "agent", "---": "agent-2"}


def test_of_100000_endpoints_500_people_are_proposed_and_the_rest_is_counted() -> None:
    listed = (*(device(f"PJSIP/{n}") for n in range(100_000)), device("PJSIP/otenet"))
    found = propose(PbxLists({"DeviceStateList": listed}))
    assert len(found.people) == MAX_PEOPLE
    assert found.left_out == 100_000 - MAX_PEOPLE
    assert propose(PbxLists({"DeviceStateList": listed[:MAX_PEOPLE]})).left_out == 0
    assert propose(PbxLists({"DeviceStateList": listed[: MAX_PEOPLE + 1]})).left_out == 1


def test_trunks_queues_and_lines_are_limited() -> None:
    many = {
        "DeviceStateList": tuple(device(f"PJSIP/t{n}") for n in range(MAX_TRUNKS + 1)),
        "QueueStatus": tuple(
            one
            for n in range(MAX_QUEUES + 1)
            for one in (row("QueueParams", Queue=f"q{n}"), member(f"q{n}", "PJSIP/1", "PJSIP/1"))
        ),
        "ShowDialPlan": tuple(
            step("from-trunk", f"{n:05}", "Hangup", "") for n in range(MAX_LINES + 1)
        ),
    }
    found = propose(PbxLists(many))
    assert (len(found.trunks), found.left_out) == (MAX_TRUNKS, 1)
    assert (len(found.queues), len(found.lines)) == (MAX_QUEUES, MAX_LINES)
    assert [len(one.queues) for one in found.people] == [MAX_QUEUES]


_TEXT = st.text(max_size=12) | st.sampled_from(
    ["101", "PJSIP/101", "SIP/trunk", 'a"]\\\n[x]', "/AMPUSER/101/cidname", "from-trunk", "Goto"]
)
_EVENTS = (
    *("DeviceStateChange", "PeerEntry", "ExtensionStatus", "QueueMember", "QueueParams"),
    *("DBGetTreeResponse", "ListDialplan", "VoicemailUserEntry", "EndpointList"),
)
_FIELDS = (
    *("Device", "ObjectName", "Hint", "Exten", "Queue", "Name", "Location", "Key", "Val"),
    *("StateInterface", "Context", "Extension", "Application", "AppData", "Fullname"),
)
_ROW = st.builds(
    lambda event, fields: AmiMessage({"Event": event, **fields}),
    st.sampled_from(_EVENTS),
    st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, _TEXT)),
)
_ACTIONS = (
    *("DeviceStateList", "SIPpeers", "ExtensionStateList", "QueueStatus", "ShowDialPlan"),
    *("DBGetTree AMPUSER", "DBGetTree DEVICE", "VoicemailUsersList", "PJSIPShowEndpoints"),
)
_LISTS = st.dictionaries(st.sampled_from(_ACTIONS), st.lists(_ROW, max_size=8).map(tuple))


@given(_LISTS, st.text(max_size=20))
def test_any_rows_give_a_proposal_whose_settings_can_be_loaded(
    rows: dict[str, tuple[AmiMessage, ...]], version: str
) -> None:
    found = propose(PbxLists(rows, version=version))
    names = [one.username for one in found.people]
    assert len(set(names)) == len(names)
    phones = [phone for one in found.people for phone in one.phones]
    assert not set(phones) & set(found.trunks)
    if found.extensions:
        pattern = extension_pattern(found.extensions)
        assert not [trunk for trunk in found.trunks if pattern.fullmatch(trunk)]
    for one in found.people:
        assert one.display_name == display_text(one.display_name, 80)
    plain = tomllib.loads(settings_toml(found, OFFICE, ADDRESS))
    assert plain["pbx"] == tomllib.loads(pbx_toml(found, ADDRESS)).get("pbx")
    plain["pbx"][0] |= {"secret": "a-long-secret"}
    del plain["pbx"][0]["secret_file"]
    settings = settings_of(**plain)
    assert tuple(trunk.name for trunk in settings.pbx[0].trunks) == found.trunks
    assert set(settings.queues) == set(found.queues)


@given(st.text(max_size=30))
def test_any_text_survives_the_settings_file(text: str) -> None:
    office = Office("GR", "Europe/Athens", text)
    address = PbxAddress(text, 5038, text, text, {"tls_ca_file": text})
    read = tomllib.loads(settings_toml(propose(PbxLists({})), office, address))
    assert read["data_dir"] == text
    assert read["pbx"][0]["tls_ca_file"] == text


def test_queues_that_the_settings_have_already_get_no_second_section() -> None:
    written = pbx_toml(propose(FREEPBX), ADDRESS, known_queues={"600"})
    assert "[queues" not in written
    assert "[queues.600]" in pbx_toml(propose(FREEPBX), ADDRESS)
