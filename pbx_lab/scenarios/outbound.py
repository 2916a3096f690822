"""Calls that agents make."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.stage import CUSTOMER, Stage
from pbx_lab.truth import Truth


def outbound(agent: SipLeg | None, disposition: str, outcome: str) -> list[Truth]:
    """101 called the customer over the trunk."""
    return [
        Truth(
            agent,
            disposition,
            f"trunk:{outcome}",
            direction="outbound",
            caller="101",
            dialled=CUSTOMER,
            answered_by=["trunk"] if disposition == "answered" else [],
        )
    ]


@scenario()
def freepbx_outbound_answered(stage: Stage) -> list[Truth]:
    """101 dials a customer through the outbound route, with the company's caller id."""
    stage.mobile()
    agent = stage.dial("101", CUSTOMER)
    stage.until_answered(agent)
    stage.people_talk()
    stage.hang_up(agent)
    return outbound(agent, "answered", "answered")


@scenario()
def freepbx_outbound_busy(stage: Stage) -> list[Truth]:
    """The customer is busy."""
    stage.mobile(0, refuses="486 Busy Here")
    agent = stage.dial("101", CUSTOMER)
    stage.until_over(agent)
    return outbound(agent, "busy", "busy")


@scenario()
def freepbx_outbound_cancelled(stage: Stage) -> list[Truth]:
    """101 gives up while the customer's phone rings."""
    stage.mobile(None)
    agent = stage.dial("101", CUSTOMER)
    stage.until_rings("trunk")
    stage.people_talk()
    stage.give_up(agent)
    stage.until_stops("trunk")
    return outbound(agent, "abandoned", "cancelled")


@scenario()
def freepbx_outbound_then_transfer(stage: Stage) -> list[Truth]:
    """101 dials a customer, then passes them to 102 by REFER."""
    stage.mobile()
    stage.phone("102")
    agent = stage.dial("101", CUSTOMER)
    stage.until_answered(agent)
    stage.people_talk()
    keypad.transfer(agent, "102")
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(stage.until_talks("trunk"))
    return [
        Truth(
            agent,
            "answered",
            "trunk:answered 102:answered",
            direction="outbound",
            caller="101",
            dialled=CUSTOMER,
            answered_by=["trunk", "102"],
            transfers=[("101", "102", "blind")],
        )
    ]


@scenario(versions=("16",))
def chan_sip_outbound_answered(stage: Stage) -> list[Truth]:
    """A chan_sip phone dials a customer."""
    stage.mobile()
    agent = stage.dial("201", CUSTOMER)
    stage.until_answered(agent)
    stage.people_talk()
    stage.hang_up(agent)
    truth = outbound(agent, "answered", "answered")
    truth[0].caller = "201"
    return truth


@scenario()
def internal_answered(stage: Stage) -> list[Truth]:
    """101 calls 102."""
    stage.phone("102")
    agent = stage.dial("101", "102")
    stage.until_answered(agent)
    stage.people_talk()
    stage.hang_up(agent)
    return [
        Truth(
            agent,
            "answered",
            "102:answered",
            direction="internal",
            caller="101",
            dialled="102",
            answered_by=["102"],
        )
    ]


@scenario()
def internal_not_answered(stage: Stage) -> list[Truth]:
    """102 does not answer 101 within the ring time."""
    stage.remember("AMPUSER/102 ringtimer", "2")
    stage.phone("102", None)
    agent = stage.dial("101", "102")
    stage.until_over(agent)
    return [
        Truth(
            agent,
            "no_answer",
            "102:no_answer",
            direction="internal",
            caller="101",
            dialled="102",
        )
    ]


@scenario()
def internal_to_queue(stage: Stage) -> list[Truth]:
    """102 calls the queue; 101 answers."""
    stage.phone("101")
    agent = stage.dial("102", "702")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(agent)
    return [
        Truth(
            agent,
            "answered",
            "101:answered",
            direction="internal",
            caller="102",
            dialled="702",
            queue="702",
            answered_by=["101"],
        )
    ]


def click_to_call(stage: Stage, channel: str, wait: str = "20000") -> None:
    """A program asks Asterisk to ring 101 and then the customer."""
    stage.operator.send(
        "Originate",
        Channel=channel,
        Context="from-internal",
        Exten=CUSTOMER,
        Priority="1",
        CallerID=f'"Click to call" <{CUSTOMER}>',
        Timeout=wait,
        Async="true",
    )


def clicked(agent: SipLeg, disposition: str, legs: str, *answered_by: str) -> list[Truth]:
    """The call that came of a click."""
    return [
        Truth(
            agent,
            disposition,
            legs,
            direction="outbound",
            caller="101",
            dialled=CUSTOMER,
            answered_by=answered_by,
            note="wait_s counts from the INVITE to the agent's own phone",
        )
    ]


@scenario()
def originate_answered(stage: Stage) -> list[Truth]:
    """Click-to-call: 101's phone rings first, then the customer's."""
    stage.phone("101")
    stage.mobile()
    click_to_call(stage, "PJSIP/101")
    agent = stage.until_talks("101")
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(agent)
    return clicked(agent, "answered", "101:answered trunk:answered", "trunk")


@scenario()
def originate_local_answered(stage: Stage) -> list[Truth]:
    """Click-to-call through Local/101@from-internal, as FreePBX's user panel does it."""
    stage.phone("101")
    stage.mobile()
    click_to_call(stage, "Local/101@from-internal")
    agent = stage.until_talks("101")
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(agent)
    return clicked(agent, "answered", "101:answered trunk:answered", "trunk")


@scenario()
def originate_agent_does_not_answer(stage: Stage) -> list[Truth]:
    """101 does not take the click-to-call; the customer is never called."""
    stage.phone("101", None)
    click_to_call(stage, "PJSIP/101", "2000")
    agent = stage.until_rings("101")
    stage.until_stops("101")
    return clicked(agent, "no_answer", "101:no_answer")


@scenario()
def originate_customer_does_not_answer(stage: Stage) -> list[Truth]:
    """101 takes the click-to-call, the customer does not answer, 101 gives up."""
    stage.phone("101")
    stage.mobile(None)
    click_to_call(stage, "PJSIP/101")
    agent = stage.until_talks("101")
    stage.until_rings("trunk")
    stage.people_talk()
    stage.hang_up(agent)
    stage.until_stops("trunk")
    return clicked(agent, "abandoned", "101:answered trunk:cancelled")
