"""Calls that change hands."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

DIRECT = "02191001101"
QUEUE = "02191001702"
BOTH = "101:answered 102:answered"


def passed_on(
    customer: SipLeg, kind: str = "blind", *, did: str = DIRECT, queue: str | None = None
) -> list[Truth]:
    """101 spoke to the customer, then 102."""
    return [
        Truth(
            customer,
            "answered",
            BOTH,
            did=did,
            queue=queue,
            answered_by=["101", "102"],
            transfers=[("101", "102", kind)],
        )
    ]


def reach_101(stage: Stage, did: str = DIRECT, *, media: bool = False) -> tuple[SipLeg, SipLeg]:
    """A customer and 101 talk; 102's phone is on its desk."""
    stage.phone("101", media=media)
    stage.phone("102", media=media)
    customer = stage.call(did, media=media)
    agent = stage.until_talks("101")
    stage.people_talk()
    return customer, agent


def finish_with_102(stage: Stage, customer: SipLeg) -> None:
    """102 answers, they talk, the customer hangs up."""
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)


@scenario()
def blind_transfer_refer(stage: Stage) -> list[Truth]:
    """101 answers and passes the customer to 102 by REFER."""
    customer, agent = reach_101(stage)
    keypad.transfer(agent, "102")
    finish_with_102(stage, customer)
    return passed_on(customer)


@scenario()
def queue_blind_transfer_refer(stage: Stage) -> list[Truth]:
    """Out of a queue with Local members, by REFER."""
    customer, agent = reach_101(stage, QUEUE)
    keypad.transfer(agent, "102")
    finish_with_102(stage, customer)
    return passed_on(customer, did=QUEUE, queue="702")


@scenario()
def blind_transfer_not_answered(stage: Stage) -> list[Truth]:
    """102 does not answer the passed-on customer, who gives up."""
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.transfer(agent, "102")
    stage.until_rings("102")
    stage.people_talk()
    stage.hang_up(customer)
    stage.until_stops("102")
    return [
        Truth(
            customer,
            "answered",
            "101:answered 102:cancelled",
            did=DIRECT,
            answered_by=["101"],
            transfers=[("101", "102", "blind")],
        )
    ]


@scenario()
def blind_transfer_busy(stage: Stage) -> list[Truth]:
    """102 is busy when the customer is passed on: the call ends there."""
    stage.phone("101")
    stage.phone("102", 0, refuses="486 Busy Here")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.transfer(agent, "102")
    stage.until_over(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered 102:busy",
            did=DIRECT,
            answered_by=["101"],
            transfers=[("101", "102", "blind")],
        )
    ]


@scenario()
def blind_transfer_to_mobile(stage: Stage) -> list[Truth]:
    """101 passes the customer on to a mobile over the trunk."""
    stage.phone("101")
    stage.mobile()
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.transfer(agent, "09121112233")
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered trunk:answered",
            did=DIRECT,
            answered_by=["101", "trunk"],
            transfers=[("101", "09121112233", "blind")],
        )
    ]


@scenario()
def blind_transfer_to_queue(stage: Stage) -> list[Truth]:
    """102 passes the customer into queue 702; 101 answers there."""
    did = "02191001102"
    stage.phone("101")
    stage.phone("102")
    customer = stage.call(did)
    agent = stage.until_talks("102")
    stage.people_talk()
    keypad.transfer(agent, "702")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "102:answered 101:answered",
            did=did,
            queue="702",
            answered_by=["102", "101"],
            transfers=[("102", "702", "blind")],
        )
    ]


@scenario()
def blind_transfer_feature_code(stage: Stage) -> list[Truth]:
    """101 presses ##102."""
    customer, agent = reach_101(stage, media=True)
    keypad.press(agent, "##")
    stage.people_talk(0.4)
    keypad.press(agent, "102")
    finish_with_102(stage, customer)
    return passed_on(customer)


@scenario()
def blind_transfer_ami(stage: Stage) -> list[Truth]:
    """The console passes the customer on with BlindTransfer."""
    customer, _ = reach_101(stage)
    stage.operator.send(
        "BlindTransfer",
        Channel=stage.channel_of("101"),
        Context="from-internal-xfer",
        Exten="102",
    )
    finish_with_102(stage, customer)
    return passed_on(customer)


@scenario()
def redirect_ami(stage: Stage) -> list[Truth]:
    """The console sends the customer's channel to 102 with Redirect: no transfer event."""
    customer, _ = reach_101(stage)
    stage.operator.send(
        "Redirect",
        Channel=stage.channel_of("trunk"),
        Context="from-internal-xfer",
        Exten="102",
        Priority="1",
    )
    finish_with_102(stage, customer)
    truth = passed_on(customer)
    truth[0].transfers = [("101", "102", "redirect")]
    return truth


@scenario()
def forward_302_to_agent(stage: Stage) -> list[Truth]:
    """101's phone forwards to 102 (302)."""
    stage.phone("101", forwards_to="102@127.0.0.1:5060")
    stage.phone("102")
    customer = stage.call(DIRECT)
    finish_with_102(stage, customer)
    legs = "101:forwarded 102:answered"
    return [Truth(customer, "answered", legs, did=DIRECT, answered_by=["102"])]


@scenario()
def forward_302_to_mobile(stage: Stage) -> list[Truth]:
    """101's phone forwards to a mobile (302), over the trunk."""
    stage.phone("101", forwards_to="09121112233@127.0.0.1:5060")
    stage.mobile()
    customer = stage.call(DIRECT)
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:forwarded trunk:answered"
    return [Truth(customer, "answered", legs, did=DIRECT, answered_by=["trunk"])]


@scenario()
def transferred_twice(stage: Stage) -> list[Truth]:
    """101 passes to 102, 102 passes to 103."""
    customer, agent = reach_101(stage)
    stage.phone("103")
    keypad.transfer(agent, "102")
    second = stage.until_talks("102")
    stage.people_talk()
    keypad.transfer(second, "103")
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered 102:answered 103:answered",
            did=DIRECT,
            answered_by=["101", "102", "103"],
            transfers=[("101", "102", "blind"), ("102", "103", "blind")],
        )
    ]


@scenario(versions=("16",))
def chan_sip_blind_transfer_refer(stage: Stage) -> list[Truth]:
    """A chan_sip phone passes the customer to another by REFER."""
    did = "02191001201"
    stage.phone("201")
    stage.phone("202")
    customer = stage.call(did)
    agent = stage.until_talks("201")
    stage.people_talk()
    keypad.transfer(agent, "202")
    stage.until_talks("202")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "201:answered 202:answered",
            did=did,
            answered_by=["201", "202"],
            transfers=[("201", "202", "blind")],
        )
    ]
