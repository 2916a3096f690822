"""Calls passed on in less common ways."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.attended import call_to_102, consult_102
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.scenarios.transfers import DIRECT, reach_101
from pbx_lab.stage import CUSTOMER, Stage
from pbx_lab.truth import Truth


@scenario()
def outbound_attended_transfer(stage: Stage) -> list[Truth]:
    """101 dials a customer, speaks with 102 and joins the two."""
    stage.mobile()
    stage.phone("102")
    agent = stage.dial("101", CUSTOMER)
    stage.until_answered(agent)
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("101", "102")
    stage.until_answered(consultation)
    stage.people_talk()
    keypad.transfer_to_call(agent, consultation, "102")
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
            transfers=[("101", "102", "attended")],
            note="wait_s and talk_s count from the answer of 102",
        )
    ]


@scenario()
def customer_gone_during_consultation(stage: Stage) -> list[Truth]:
    """101 holds the customer and speaks with 102; the customer hangs up, the two talk on."""
    customer, _ = reach_101(stage)
    consultation = consult_102(stage)
    stage.hang_up(customer)
    stage.people_talk()
    stage.hang_up(consultation)
    return [
        Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        call_to_102(consultation),
    ]


@scenario()
def taken_out_of_the_queue(stage: Stage) -> list[Truth]:
    """101 rings for queue 702; a panel sends the waiting customer to 103 (Redirect)."""
    did = "02191001702"
    stage.phone("101", None)
    stage.phone("103")
    customer = stage.call(did)
    stage.until_rings("101")
    stage.people_talk()
    stage.operator.send(
        "Redirect",
        Channel=stage.channel_of("trunk"),
        Context="from-internal",
        Exten="103",
        Priority="1",
    )
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 103:answered"
    return [Truth(customer, "answered", legs, did=did, queue="702", answered_by=["103"])]


@scenario()
def queue_left_by_key(stage: Stage) -> list[Truth]:
    """101 rings for a queue; the customer presses 1 to be called back and hears a text."""
    did = "02191002702"
    stage.phone("101", None)
    customer = stage.call(did, media=True)
    stage.until_rings("101")
    stage.people_talk()
    keypad.press(customer, "1")
    stage.until_over(customer)
    return [Truth(customer, "no_answer", "101:no_answer", did=did, queue="keys")]


@scenario()
def queue_forward_302(stage: Stage) -> list[Truth]:
    """101's phone is a member of a queue and forwards to a mobile (302), which answers."""
    did = "02191000702"
    stage.phone("101", forwards_to="09121112233@127.0.0.1")
    stage.phone("102", None)
    stage.mobile()
    customer = stage.call(did)
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:forwarded trunk:answered 102:answered_elsewhere"
    return [Truth(customer, "answered", legs, did=did, queue="care", answered_by=["trunk"])]


@scenario()
def follow_me_application(stage: Stage) -> list[Truth]:
    """FollowMe() rings 101 and 102; 102 answers and presses 1 to take the call."""
    did = "02191002113"
    stage.phone("101", None, media=True)
    stage.phone("102", media=True)
    customer = stage.call(did, media=True)
    agent = stage.until_talks("102")
    stage.people_talk(0.4)
    keypad.press(agent, "1")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["102"])]
