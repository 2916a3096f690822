"""Diallers that call the customer first, then an agent or a queue."""

from __future__ import annotations

from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.stage import CUSTOMER, Stage
from pbx_lab.truth import Truth

DIRECT = f"PJSIP/{CUSTOMER}@trunk"
LOCAL = f"Local/{CUSTOMER}@from-internal"


def dial_customer_first(stage: Stage, channel: str, exten: str = "101") -> None:
    """A program asks Asterisk to call the customer and then ``exten``, with the company's id."""
    stage.operator.send(
        "Originate",
        Channel=channel,
        Context="from-internal",
        Exten=exten,
        Priority="1",
        CallerID='"Agency" <02191000101>',
        Timeout="20000",
        Async="true",
    )


def called(
    customer: SipLeg | None,
    disposition: str,
    legs: str,
    *answered_by: str,
    queue: str | None = None,
) -> list[Truth]:
    """The call that came of it."""
    return [
        Truth(
            customer,
            disposition,
            legs,
            direction="outbound",
            caller=CUSTOMER,
            dialled=CUSTOMER,
            queue=queue,
            answered_by=answered_by,
            note="wait_s counts from the INVITE to the customer",
        )
    ]


def play(stage: Stage, channel: str) -> list[Truth]:
    """The customer answers, then 101."""
    stage.mobile()
    stage.phone("101")
    dial_customer_first(stage, channel)
    customer = stage.until_talks("trunk")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return called(customer, "answered", "trunk:answered 101:answered", "101")


@scenario()
def customer_first_direct(stage: Stage) -> list[Truth]:
    """Originate to PJSIP/number@trunk, then 101."""
    return play(stage, DIRECT)


@scenario()
def customer_first_local(stage: Stage) -> list[Truth]:
    """Originate to Local/number@from-internal, then 101."""
    return play(stage, LOCAL)


@scenario()
def customer_first_local_n(stage: Stage) -> list[Truth]:
    """Originate to Local/number@from-internal/n, then 101."""
    return play(stage, f"{LOCAL}/n")


@scenario()
def customer_first_queue(stage: Stage) -> list[Truth]:
    """The answered customer is sent into queue 702, where 101 answers."""
    stage.mobile()
    stage.phone("101")
    dial_customer_first(stage, DIRECT, "702")
    customer = stage.until_talks("trunk")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return called(customer, "answered", "trunk:answered 101:answered", "101", queue="702")


@scenario()
def customer_first_agent_does_not_answer(stage: Stage) -> list[Truth]:
    """The customer answers, 101 does not, the customer hangs up."""
    stage.mobile()
    stage.phone("101", None)
    dial_customer_first(stage, DIRECT)
    customer = stage.until_talks("trunk")
    stage.until_rings("101")
    stage.people_talk()
    stage.hang_up(customer)
    stage.until_stops("101")
    return called(customer, "no_answer", "trunk:answered 101:cancelled")


@scenario()
def customer_first_customer_does_not_answer(stage: Stage) -> list[Truth]:
    """The customer's phone is busy: nobody's phone rings."""
    stage.mobile(0, refuses="486 Busy Here")
    dial_customer_first(stage, LOCAL)
    customer = stage.until_stops("trunk")
    return called(customer, "busy", "trunk:busy")
