"""Calls that change hands."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

DID = "02191001101"


@scenario()
def blind_transfer_refer(stage: Stage) -> list[Truth]:
    """101 answers and passes the customer to 102 by REFER."""
    stage.phone("101")
    stage.phone("102")
    customer = stage.call(DID)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.transfer(agent, "102")
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered 102:answered",
            did=DID,
            answered_by=["101", "102"],
            transfers=[("101", "102", "blind")],
        )
    ]
