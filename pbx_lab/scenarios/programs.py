"""Calls that other programs make, and what an administrator does during calls."""

from __future__ import annotations

from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import CUSTOMER, Stage
from pbx_lab.truth import Truth

DIRECT = "02191001101"


@scenario()
def originate_queue_first(stage: Stage) -> list[Truth]:
    """A callback: the program calls queue 702, 101 answers, then the customer is dialled."""
    stage.phone("101")
    stage.mobile()
    stage.operator.send(
        "Originate",
        Channel="Local/702@ext-queues/n",
        Context="from-internal",
        Exten=CUSTOMER,
        Priority="1",
        CallerID=f'"Callback" <{CUSTOMER}>',
        Timeout="20000",
        Async="true",
    )
    agent = stage.until_talks("101")
    stage.until_talks("trunk")
    stage.people_talk()
    stage.hang_up(agent)
    return [
        Truth(
            agent,
            "answered",
            "101:answered trunk:answered",
            direction="outbound",
            caller=CUSTOMER,
            dialled=CUSTOMER,
            queue="702",
            answered_by=["101"],
        )
    ]


@scenario()
def redirected_into_a_conference(stage: Stage) -> list[Truth]:
    """A panel sends the customer and 101 into a conference, then 102 dials into it."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    stage.operator.send(
        "Redirect",
        Channel=stage.channel_of("trunk"),
        ExtraChannel=stage.channel_of("101"),
        Context="ext-meetme",
        Exten="900",
        Priority="1",
        ExtraContext="ext-meetme",
        ExtraExten="900",
        ExtraPriority="1",
    )
    stage.people_talk()
    colleague = stage.dial("102", "900")
    stage.until_answered(colleague)
    stage.people_talk()
    stage.hang_up(customer)
    stage.hang_up(colleague)
    stage.hang_up(agent)
    note = "who has dialled into a conference has a call of their own"
    return [
        Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        Truth(colleague, "answered", direction="internal", caller="102", dialled="900", note=note),
    ]


@scenario()
def reloaded_in_a_call(stage: Stage) -> list[Truth]:
    """The administrator applies a configuration (`core reload`) while 101 and 102 ring in a queue
    and again while 102 talks."""
    did = "02191001700"
    stage.phone("101", None)
    stage.phone("102", 1.5)
    customer = stage.call(did)
    stage.until_rings("102")
    stage.asterisk.run_console("core reload", "dialplan reload", "queue reload all")
    stage.until_talks("102")
    stage.until_stops("101")
    stage.asterisk.run_console("core reload")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["102"])]
