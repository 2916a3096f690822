"""Calls that wait in a queue."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.configuration import CHAN_SIP_TRUNK_ADDRESS, Variant
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth


def ringall_answered(stage: Stage, did: str, queue: str) -> list[Truth]:
    """101 and 102 ring, 102 answers."""
    stage.phone("101", None)
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue=queue, answered_by=["102"])]


@scenario()
def queue_ringall(stage: Stage) -> list[Truth]:
    """Queue with PJSIP members, ringall; 102 answers."""
    return ringall_answered(stage, "02191000700", "support")


@scenario()
def queue_local_members(stage: Stage) -> list[Truth]:
    """Queue with Local/10X@from-queue/n members, ringall; 102 answers."""
    return ringall_answered(stage, "02191000702", "care")


@scenario()
def freepbx_queue_ringall(stage: Stage) -> list[Truth]:
    """ext-queues, from-queue, from-internal, macro-dial-one, hints as state; 102 answers."""
    return ringall_answered(stage, "02191001700", "700")


@scenario()
def freepbx_queue_prefix(stage: Stage) -> list[Truth]:
    """The same with `Sales:` before the caller's name."""
    return ringall_answered(stage, "02191001799", "700")


def one_of_them_answers(stage: Stage, strategy: str, did: str) -> list[Truth]:
    """Whoever the strategy chooses answers; the other phone stays silent."""
    phones = ("101", "102")
    for phone in phones:
        stage.phone(phone, 1.0)
    customer = stage.call(did)
    answered = stage.until_one_talks(phones)
    stage.people_talk()
    stage.hang_up(customer)
    legs = f"{answered}:answered"
    return [Truth(customer, "answered", legs, did=did, queue=strategy, answered_by=[answered])]


@scenario()
def queue_linear(stage: Stage) -> list[Truth]:
    """A queue with the strategy linear."""
    return one_of_them_answers(stage, "linear", "02191000711")


@scenario()
def queue_leastrecent(stage: Stage) -> list[Truth]:
    """A queue with the strategy leastrecent."""
    return one_of_them_answers(stage, "leastrecent", "02191000712")


@scenario()
def queue_fewestcalls(stage: Stage) -> list[Truth]:
    """A queue with the strategy fewestcalls."""
    return one_of_them_answers(stage, "fewestcalls", "02191000713")


@scenario()
def queue_random(stage: Stage) -> list[Truth]:
    """A queue with the strategy random."""
    return one_of_them_answers(stage, "random", "02191000714")


@scenario()
def queue_wrandom(stage: Stage) -> list[Truth]:
    """A queue with the strategy wrandom."""
    return one_of_them_answers(stage, "wrandom", "02191000715")


def abandoned(stage: Stage, did: str, queue: str) -> list[Truth]:
    """Both ring, the customer gives up."""
    stage.phone("101", None)
    stage.phone("102", None)
    customer = stage.call(did)
    stage.until_rings("101")
    stage.until_rings("102")
    stage.people_talk()
    stage.hang_up(customer)
    stage.until_stops("101")
    stage.until_stops("102")
    return [Truth(customer, "abandoned", "101:cancelled 102:cancelled", did=did, queue=queue)]


@scenario()
def queue_abandoned(stage: Stage) -> list[Truth]:
    """PJSIP members ring, the customer gives up."""
    return abandoned(stage, "02191000700", "support")


@scenario()
def freepbx_queue_abandoned(stage: Stage) -> list[Truth]:
    """Local members ring, the customer gives up."""
    return abandoned(stage, "02191001700", "700")


@scenario()
def queue_retries_then_answered(stage: Stage) -> list[Truth]:
    """rrmemory: the first member does not answer within two seconds, the second does."""
    did = "02191000701"
    stage.phone("101", None)
    stage.phone("102", 1.0)
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="sales", answered_by=["102"])]


@scenario()
def freepbx_queue_rrmemory(stage: Stage) -> list[Truth]:
    """rrmemory with Local members through from-queue-exten-only: 101 no answer, 102 answers."""
    did = "02191001701"
    stage.phone("101", None)
    stage.phone("102", 1.0)
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="701", answered_by=["102"])]


@scenario()
def freepbx_queue_rings_again(stage: Stage) -> list[Truth]:
    """101 alone in the queue does not answer twice, then the customer gives up: one missed call."""
    did = "02191001702"
    stage.remember("AMPUSER/101 ringtimer", "1")
    stage.phone("101", None)
    customer = stage.call(did)
    for _ in range(2):
        stage.until_rings("101")
        stage.until_stops("101")
    stage.until_rings("101")
    stage.hang_up(customer)
    stage.until_stops("101")
    legs = "101:no_answer 101:no_answer 101:cancelled"
    return [Truth(customer, "abandoned", legs, did=did, queue="702")]


@scenario()
def queue_timeout_then_elsewhere(stage: Stage) -> list[Truth]:
    """The queue's three seconds are up; 103, outside the queue, answers."""
    did = "02191000703"
    stage.phone("101", None)
    stage.phone("102", None)
    stage.phone("103")
    customer = stage.call(did)
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:no_answer 103:answered"
    return [Truth(customer, "answered", legs, did=did, queue="support", answered_by=["103"])]


@scenario()
def freepbx_queue_timeout_then_elsewhere(stage: Stage) -> list[Truth]:
    """The same with Local members and the queue's fail-over destination."""
    did = "02191001700"
    stage.remember("QUEUE/700 maxwait", "3")
    stage.remember("QUEUE/700 dest", "103")
    stage.phone("101", None)
    stage.phone("102", None)
    stage.phone("103")
    customer = stage.call(did)
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:no_answer 103:answered"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["103"])]


@scenario()
def freepbx_queue_declined(stage: Stage) -> list[Truth]:
    """101 declines, 102 answers."""
    did = "02191001700"
    stage.phone("101", 0.5, refuses="603 Decline")
    stage.phone("102", 2.5)
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:declined 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["102"])]


@scenario()
def queue_declined(stage: Stage) -> list[Truth]:
    """PJSIP members: 101 declines, 102 answers."""
    did = "02191000700"
    stage.phone("101", 0.5, refuses="603 Decline")
    stage.phone("102", 2.5)
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:declined 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="support", answered_by=["102"])]


@scenario(versions=("16",))
def chan_sip_queue(stage: Stage) -> list[Truth]:
    """From a chan_sip trunk to a queue with SIP/201 and SIP/202 as members; 202 answers."""
    did = "02191001705"
    stage.phone("201", None)
    stage.phone("202")
    customer = stage.call(did, trunk=CHAN_SIP_TRUNK_ADDRESS)
    stage.until_talks("202")
    stage.until_stops("201")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "201:answered_elsewhere 202:answered"
    return [Truth(customer, "answered", legs, did=did, queue="705", answered_by=["202"])]


@scenario()
def freepbx_ivr_then_queue(stage: Stage) -> list[Truth]:
    """The customer presses 1 in the IVR and reaches the queue; 101 answers."""
    did = "02191001750"
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call(did, media=True)
    stage.until_answered(customer)
    stage.people_talk(1.3)
    keypad.press(customer, "1")
    stage.until_talks("101")
    stage.until_stops("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered 102:answered_elsewhere"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["101"])]


@scenario()
def freepbx_ivr_hang_up(stage: Stage) -> list[Truth]:
    """The customer hangs up in the IVR, before anything rings."""
    did = "02191001750"
    customer = stage.call(did)
    stage.until_answered(customer)
    stage.people_talk(1.5)
    stage.hang_up(customer)
    return [Truth(customer, "abandoned", did=did)]


@scenario()
def freepbx_queue_one_unreachable(stage: Stage) -> list[Truth]:
    """101's phone is switched off (its address is known), 102 answers."""
    did = "02191001700"
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:unreachable 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["102"])]


@scenario(variant=Variant(without_contact=("101",)))
def freepbx_queue_nobody_there(stage: Stage) -> list[Truth]:
    """The queue's only phone is not registered: the customer hears music and hangs up."""
    did = "02191001702"
    customer = stage.call(did)
    stage.until_answered(customer)
    stage.people_talk(1.5)
    stage.hang_up(customer)
    return [Truth(customer, "abandoned", did=did, queue="702")]


@scenario()
def queue_member_paused(stage: Stage) -> list[Truth]:
    """101 is paused with a reason: only 102 rings. 103 joins the queue and leaves it later."""
    stage.phone("101", None)
    stage.phone("102")
    member = {"Queue": "support", "Interface": "PJSIP/101"}
    stage.operator.send("QueuePause", **member, Paused="true", Reason="lunch")
    newcomer = {"Queue": "support", "Interface": "PJSIP/103"}
    stage.operator.send("QueueAdd", **newcomer, MemberName="Agent 103", Paused="true")
    customer = stage.call("02191000700")
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    stage.operator.send("QueueRemove", **newcomer)
    stage.operator.send("QueuePause", **member, Paused="false")
    return [
        Truth(
            customer,
            "answered",
            "102:answered",
            did="02191000700",
            queue="support",
            answered_by=["102"],
        )
    ]


@scenario()
def queue_timeout_then_back(stage: Stage) -> list[Truth]:
    """The queue's time is up after a second, it is called again by the dialplan: 102 answers."""
    did = "02191000704"
    stage.phone("101", None)
    # Long after the queue's second, which a busy machine stretches: else 102 answers at once.
    stage.phone("102", 6.0)
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:no_answer 101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="support", answered_by=["102"])]


@scenario()
def queue_to_queue(stage: Stage) -> list[Truth]:
    """102 answers for the queue support and passes the customer to queue 702; 101 answers there."""
    did = "02191000700"
    stage.phone("101", 2.0)
    stage.phone("102")
    customer = stage.call(did)
    agent = stage.until_talks("102")
    stage.until_stops("101")
    stage.people_talk(1.2)
    keypad.transfer(agent, "702")
    stage.until_talks("101")
    stage.people_talk(1.2)
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered_elsewhere 102:answered 101:answered",
            did=did,
            queue="support",
            answered_by=["102", "101"],
            transfers=[("102", "702", "blind")],
        )
    ]
