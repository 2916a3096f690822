"""Several phones for one call."""

from __future__ import annotations

from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth


def answered_by_102(stage: Stage, did: str) -> list[Truth]:
    """Both ring, 102 answers."""
    stage.phone("101", None)
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered_elsewhere 102:answered",
            did=did,
            answered_by=["102"],
        )
    ]


@scenario()
def ring_group(stage: Stage) -> list[Truth]:
    """101 and 102 in one Dial, 102 answers."""
    return answered_by_102(stage, "02191000600")


@scenario()
def freepbx_ring_group(stage: Stage) -> list[Truth]:
    """ext-group and macro-dial: 101 and 102 ring, 102 answers."""
    return answered_by_102(stage, "02191001600")


@scenario()
def freepbx_ring_group_local(stage: Stage) -> list[Truth]:
    """A group of Local/10X@from-internal/n: 101 and 102 ring, 102 answers."""
    return answered_by_102(stage, "02191001604")


@scenario()
def freepbx_ring_group_abandoned(stage: Stage) -> list[Truth]:
    """Both ring, the customer gives up."""
    did = "02191001600"
    stage.phone("101", None)
    stage.phone("102", None)
    customer = stage.call(did)
    stage.until_rings("101")
    stage.until_rings("102")
    stage.people_talk()
    stage.give_up(customer)
    stage.until_stops("101")
    stage.until_stops("102")
    return [Truth(customer, "abandoned", "101:cancelled 102:cancelled", did=did)]


@scenario()
def freepbx_ring_group_then_next(stage: Stage) -> list[Truth]:
    """The group's two seconds are up, then 103 rings and answers."""
    did = "02191001601"
    for name in ("101", "102"):
        stage.phone(name, None)
    stage.phone("103")
    customer = stage.call(did)
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:no_answer 103:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["103"])]


@scenario()
def freepbx_ring_group_hunt(stage: Stage) -> list[Truth]:
    """One after the other: 101 for two seconds, then 102, who answers."""
    did = "02191001602"
    stage.phone("101", None)
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:no_answer 102:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["102"])]


@scenario()
def ring_group_one_unreachable(stage: Stage) -> list[Truth]:
    """101 is switched off, 102 answers."""
    did = "02191000600"
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:unreachable 102:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["102"])]


@scenario()
def freepbx_two_devices(stage: Stage) -> list[Truth]:
    """Extension 101 has two phones in one Dial; the second one answers."""
    did = "02191001101"
    stage.remember("AMPUSER/101 device", "101&99101")
    stage.phone("101", None)
    stage.phone("99101")
    customer = stage.call(did)
    stage.until_talks("99101")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 99101:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["99101"])]


@scenario()
def freepbx_ring_group_with_mobile(stage: Stage) -> list[Truth]:
    """101 and a mobile over the trunk ring; the mobile answers."""
    did = "02191001603"
    stage.phone("101", None)
    stage.mobile()
    customer = stage.call(did)
    stage.until_talks("trunk")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere trunk:answered"
    return [Truth(customer, "answered", legs, did=did, answered_by=["trunk"])]
