"""Dial's options and what else is written into a dialplan by hand."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.configuration import SECOND_CONTACT_OF_101, SECOND_TRUNK_ADDRESS
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.sipp import Phone
from pbx_lab.stage import CUSTOMER, PJSIP_PORT, Stage
from pbx_lab.truth import Truth


def talk_with_101(customer: SipLeg, did: str) -> list[Truth]:
    """The customer spoke with 101 and nobody else."""
    return [Truth(customer, "answered", "101:answered", did=did, answered_by=["101"])]


@scenario()
def menu_for_the_agent_after_the_call(stage: Stage) -> list[Truth]:
    """Dial with F: the customer hangs up, 101 goes on into a menu and hangs up then."""
    did = "02191002102"
    stage.phone("101")
    customer = stage.call(did)
    agent = stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    stage.people_talk(1.5)
    stage.hang_up(agent)
    return talk_with_101(customer, did)


@scenario()
def answered_into_a_conference(stage: Stage) -> list[Truth]:
    """Dial with G: both go into a conference as soon as 101 answers."""
    did = "02191002103"
    stage.phone("101")
    customer = stage.call(did)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    stage.people_talk(0.5)
    stage.hang_up(stage.until_talks("101"))
    return talk_with_101(customer, did)


@scenario()
def number_from_a_header(stage: Stage) -> list[Truth]:
    """The trunk sends its own account; the dialplan takes the caller's number from a header."""
    did = "02191002106"
    stage.phone("101")
    customer = stage.call(did, caller="sip-account", headers=f"X-Caller: {CUSTOMER}\n")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return talk_with_101(customer, did)


@scenario()
def company_number_for_the_mobile(stage: Stage) -> list[Truth]:
    """101 does not answer; the dialplan sets the company's number and dials a mobile."""
    did = "02191002107"
    stage.phone("101", None)
    stage.mobile()
    customer = stage.call(did)
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer trunk:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["trunk"])]


def second_contact(stage: Stage, rings: float | None = 0.8, refuses: str = "") -> None:
    """Put a second phone of 101 on a desk."""
    stage.listen(Phone(rings=rings, refuses=refuses), SECOND_CONTACT_OF_101, PJSIP_PORT)


@scenario()
def two_contacts(stage: Stage) -> list[Truth]:
    """Two phones are registered as 101: both ring, the second answers."""
    did = "02191002108"
    stage.phone("101", None)
    second_contact(stage)
    customer = stage.call(did)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 101:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["101"])]


@scenario()
def queue_local_optimised(stage: Stage) -> list[Truth]:
    """A queue with Local/10X@agents without /n: 102 answers, the Local pair is optimised away."""
    did = "02191002700"
    stage.phone("101", None, media=True)
    stage.phone("102", media=True)
    customer = stage.call(did, media=True)
    stage.until_talks("102")
    stage.people_talk(1.5)
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="local", answered_by=["102"])]


@scenario()
def dialled_through(stage: Stage) -> list[Truth]:
    """DISA: a colleague's mobile dials in, gets a dial tone and dials 102."""
    did = "02191002110"
    stage.phone("102", media=True)
    customer = stage.call(did, media=True)
    stage.until_answered(customer)
    stage.people_talk(0.5)
    keypad.press(customer, "102")
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "102:answered", did=did, answered_by=["102"])]


@scenario()
def fax(stage: Stage) -> list[Truth]:
    """A fax machine of the PBX answers; the sender hangs up."""
    did = "02191002111"
    customer = stage.call(did)
    stage.until_answered(customer)
    stage.people_talk(2)
    stage.hang_up(customer)
    return [Truth(customer, "answered", did=did)]


@scenario()
def outside_line_and_second_trunk(stage: Stage) -> list[Truth]:
    """101 dials 9 and the number; the first trunk is out of order, the second takes the call."""
    refusing = Phone(rings=0, refuses="503 Service Unavailable")
    stage.listen(refusing, SECOND_TRUNK_ADDRESS, PJSIP_PORT)
    stage.mobile()
    agent = stage.dial("101", f"9{CUSTOMER}")
    stage.until_answered(agent)
    stage.people_talk()
    stage.hang_up(agent)
    return [
        Truth(
            agent,
            "answered",
            "trunk2:unreachable trunk:answered",
            direction="outbound",
            caller="101",
            dialled=CUSTOMER,
            answered_by=["trunk"],
        )
    ]


@scenario()
def paging(stage: Stage) -> list[Truth]:
    """101 speaks to the loudspeakers of 102 and 103."""
    stage.phone("102", 0.05)
    stage.phone("103", 0.4)
    agent = stage.dial("101", "300")
    stage.until_talks("102")
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(agent)
    stage.until_over(stage.until_dialled("103"))
    return [
        Truth(
            agent,
            "answered",
            "102:answered 103:answered",
            direction="internal",
            caller="101",
            dialled="300",
            answered_by=["102", "103"],
        )
    ]
