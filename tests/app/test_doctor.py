"""What the doctor finds on a live PBX, and what it advises."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.app.doctor import KnownPhones, is_healthy, run_checks
from screenpop.app.doctor_findings import EventRecorder, Finding, Grade
from screenpop.asterisk.action_list import CompleteList, ListFailure, ListOutcome, ListProblem
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
OFFICE = PbxId("office")
ALL = ("Newchannel", "DialBegin", "Newstate", "DialEnd", "Hangup")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Pbx:
    """Answers as a PBX does, and rings when it is asked to."""

    ear: EventRecorder = field(
        default_factory=lambda: EventRecorder(heard=[AmiMessage({"Event": "FullyBooted"})])
    )
    response: dict[str, str] | None = None
    """The fields of ``OriginateResponse``; none comes without."""
    devices: tuple[str, ...] | None = ("PJSIP/101", "PJSIP/trunk", "Queue:sales")
    clock: float = NOW
    commands: tuple[str, ...] = ("Ping", "CoreStatus")
    events: tuple[str, ...] = ALL
    headers: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    after_response: tuple[str, ...] = ()
    """Events that come one after the other once ``OriginateResponse`` was read."""
    asked: list[dict[str, object]] = field(default_factory=list)

    async def send(self, action: str, **headers: object) -> AmiMessage:
        self.asked.append({"Action": action, **headers})
        match action:
            case "Ping":
                return _reply(Timestamp=f"{self.clock:.6f}")
            case "ListCommands":
                return _reply(**dict.fromkeys(self.commands, "what it does (Priv: <none>)"))
            case _:
                return self._originate(str(headers["ChannelId"]))

    async def list_action(self, action: str, **_: object) -> ListOutcome:
        if self.devices is None:
            return ListProblem(ListFailure.REFUSED, "Permission denied")
        return CompleteList(tuple(AmiMessage({"Device": name}) for name in self.devices))

    def _originate(self, uniqueid: str) -> AmiMessage:
        if self.refuses:
            return AmiMessage({"Response": "Error", "Message": self.refuses})
        for name in self.events:
            self._publish(name, uniqueid)
        self._publish_later(self.after_response, uniqueid)
        if self.response is not None:
            row = AmiMessage({"Event": "OriginateResponse", "ActionID": "a-1", **self.response})
            self.ear.messages([row], NOW)
        return _reply(ActionID="a-1")

    def _publish_later(self, names: tuple[str, ...], uniqueid: str) -> None:
        def publish_next() -> None:
            if names:
                self._publish(names[0], uniqueid)
                self._publish_later(names[1:], uniqueid)

        asyncio.get_running_loop().call_soon(publish_next)

    def _publish(self, name: str, uniqueid: str) -> None:
        which = "DestUniqueid" if name.startswith("Dial") else "Uniqueid"
        row = AmiMessage({"Event": name, which: uniqueid, **self.headers})
        self.ear.messages([AmiMessage({"Event": name, "Uniqueid": "another"}), row], NOW)


def _reply(**fields: str) -> AmiMessage:
    return AmiMessage({"Response": "Success", **fields})


def office(*phones: str, **more: tuple[str, ...]) -> KnownPhones:
    agent = Agent(AgentId(1), "maryam", "Maryam", "sales", "en", tuple(map(Endpoint, phones)))
    return KnownPhones(
        OFFICE, Roster.of({OFFICE: [agent]}), lambda endpoint: endpoint.isdigit(), **more
    )


async def found(pbx: Pbx, *phones: str, test_call: str = "") -> list[Finding]:
    return await run_checks(
        pbx,
        pbx.ear,
        office(*phones),
        test_call=test_call,
        clock=lambda: NOW,
        answer_within_s=0.01,
    )


def sentence(findings: Iterable[Finding], words: str) -> Finding:
    (one,) = [finding for finding in findings if words in finding.sentence]
    return one


async def test_a_pbx_in_order_has_nothing_bad() -> None:
    reported = await found(Pbx(), "101")
    assert is_healthy(reported)
    assert sentence(reported, "clock").grade is Grade.GOOD
    assert sentence(reported, "Every phone has its agent").grade is Grade.GOOD
    assert sentence(reported, "can change nothing").grade is Grade.GOOD


@pytest.mark.parametrize(("by", "words"), [(37.0, "37 s ahead of"), (-90.0, "90 s behind")])
async def test_clocks_that_differ_are_reported_with_the_remedy(by: float, words: str) -> None:
    one = sentence(await found(Pbx(clock=NOW + by), "101"), words)
    assert one.grade is Grade.BAD
    assert "NTP" in one.sentence


async def test_phones_without_agents_and_agents_without_phones_are_named() -> None:
    reported = await found(Pbx(devices=("PJSIP/101", "SIP/102", "PJSIP/trunk")), "101", "105")
    assert "102" in sentence(reported, "No agent has").sentence
    assert "105" in sentence(reported, "does not know the phone").sentence
    assert "trunk" not in "".join(one.sentence for one in reported)


async def test_a_pbx_that_does_not_name_its_phones_is_reported() -> None:
    assert sentence(await found(Pbx(devices=None), "101"), "DeviceStateList").grade is Grade.HINT


async def test_without_any_phone_no_card_can_come() -> None:
    assert "no card can come" in sentence(await found(Pbx()), "No user has a phone").sentence


@pytest.mark.defends("ami-rights")
async def test_a_user_with_too_many_permissions_is_reported_with_those_to_remove() -> None:
    one = sentence(await found(Pbx(commands=("Ping", "Command")), "101"), "more than it needs")
    assert "command" in one.sentence


async def test_checks_that_need_a_call_are_reported_as_hints() -> None:
    reported = await found(Pbx(), "101")
    assert sentence(reported, "--test-call").grade is Grade.HINT
    assert sentence(reported, "No call is up now").grade is Grade.HINT


@pytest.mark.parametrize(
    ("variable", "words"),
    [("CALLERID(num-pres)=allowed", "It reports when"), ("X=1", "may be shown all the same")],
)
async def test_a_call_that_is_up_shows_whether_withheld_numbers_are_marked(
    variable: str, words: str
) -> None:
    pbx = Pbx()
    row = AmiMessage({"Event": "CoreShowChannel", "ChanVariable": variable})
    pbx.ear.lists(PbxSnapshot(BootId("1"), (row,), ()), NOW)
    sentence(await found(pbx, "101"), words)


async def test_no_phone_is_rung_unless_it_is_asked_for() -> None:
    pbx = Pbx()
    await found(pbx, "101")
    assert "Originate" not in {one["Action"] for one in pbx.asked}


async def test_a_test_call_rings_the_phone_as_the_pbx_names_it_and_sees_all() -> None:
    pbx = Pbx(devices=("SIP/101",), headers={"Timestamp": "1.0", "ChanVariable": "X=1"})
    reported = await found(pbx, "101", test_call="101")
    assert pbx.asked[-1]["Channel"] == "SIP/101"
    assert sentence(reported, "from its start").grade is Grade.GOOD
    assert sentence(reported, "add channelvars").grade is Grade.HINT
    assert not [one for one in reported if "timestampevents" in one.sentence]
    assert is_healthy(reported)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((), "no event came"),
        (("Newchannel", "Newstate", "Hangup"), "DialBegin, DialEnd did not come"),
        (("Newchannel", "DialBegin", "Newstate", "DialEnd"), "Hangup did not come"),
    ],
)
async def test_events_that_do_not_come_are_named(events: tuple[str, ...], words: str) -> None:
    reported = await found(Pbx(events=events), "101", test_call="101")
    assert sentence(reported, words).grade is Grade.BAD
    assert not is_healthy(reported)


async def test_events_without_times_are_reported() -> None:
    reported = await found(Pbx(), "101", test_call="101")
    assert sentence(reported, "timestampevents").grade is Grade.HINT


@pytest.mark.parametrize(
    ("output", "words"),
    [("Permission denied", "which is as it should be"), ("No such\x07 channel", "was refused")],
)
async def test_a_test_call_that_is_refused_is_explained(output: str, words: str) -> None:
    one = sentence(await found(Pbx(refuses=output), "101", test_call="101"), words)
    assert "\x07" not in one.sentence


# -- what the phone did ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "events", "words"),
    [
        ("4", ALL, "PJSIP/101 answered; the call was seen from its start"),
        ("3", ("Newchannel", "DialBegin", "Newstate", "Hangup"), "PJSIP/101 rang without"),
        ("5", ("Newchannel", "DialBegin", "DialEnd", "Hangup"), "PJSIP/101 is busy"),
        ("8", ("Newchannel", "DialBegin", "Hangup"), "PJSIP/101 refused the call; the call was"),
        ("1", ("Newchannel", "DialBegin", "Hangup"), "PJSIP/101 refused the call; the call was"),
    ],
)
async def test_a_right_configuration_is_not_blamed_for_what_the_phone_does(
    reason: str, events: tuple[str, ...], words: str
) -> None:
    reported = await found(Pbx(events=events, response={"Reason": reason}), "101", test_call="101")
    assert sentence(reported, words).grade is Grade.GOOD
    assert is_healthy(reported)


async def test_a_phone_that_is_not_registered_is_reported_and_no_event_is_demanded() -> None:
    reported = await found(Pbx(events=(), response={"Reason": "0"}), "101", test_call="101")
    assert sentence(reported, "not registered").grade is Grade.HINT
    assert is_healthy(reported)


@pytest.mark.parametrize("before", range(4))
async def test_a_busy_phone_whose_response_comes_before_its_last_events_is_not_blamed(
    before: int,
) -> None:
    events = ("Newchannel", "DialBegin", "DialEnd", "Hangup")
    pbx = Pbx(events=events[:before], after_response=events[before:], response={"Reason": "0"})
    pbx.headers["DialStatus"] = "BUSY"
    findings = await found(pbx, "101", test_call="101")
    assert sentence(findings, "PJSIP/101 is busy").grade is Grade.GOOD
    assert is_healthy(findings)


@pytest.mark.parametrize(
    ("reason", "events", "words"),
    [
        ("4", (), "PJSIP/101 answered, but no event came: add call"),
        ("4", ("Newchannel", "DialBegin", "DialEnd", "Hangup"), "Newstate did not come"),
        ("5", ("Newchannel", "Hangup"), "is busy, or set to do not disturb, but DialBegin"),
    ],
)
async def test_events_that_this_outcome_gives_are_demanded(
    reason: str, events: tuple[str, ...], words: str
) -> None:
    reported = await found(Pbx(events=events, response={"Reason": reason}), "101", test_call="101")
    assert sentence(reported, words).grade is Grade.BAD


# -- names of the settings, classes ------------------------------------------------------------


async def test_a_pattern_that_fits_no_phone_and_a_misspelt_trunk_are_reported() -> None:
    pbx = Pbx()
    reported = await run_checks(
        pbx, pbx.ear, office("101", patterns=("1XX", "2XX"), trunks=("trunk", "turnk")),
        clock=lambda: NOW,
    )  # fmt: skip
    assert "fits no phone of this PBX" in sentence(reported, "The pattern 2XX").sentence
    assert sentence(reported, "the trunk turnk").sentence.endswith("Did you mean trunk?")
    assert not [one for one in reported if "1XX" in one.sentence]
    assert is_healthy(reported)


async def test_a_user_without_the_class_system_is_reported() -> None:
    reported = await found(Pbx(ear=EventRecorder()), "101")
    assert sentence(reported, "add system to read =").grade is Grade.BAD
