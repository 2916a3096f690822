"""Every way a call can reach an agent, each as one small play."""

from __future__ import annotations

from pbx_lab.scenarios import (
    attended,
    customer_first,
    desk,
    direct,
    elsewhere,
    groups,
    links,
    listening,
    mailbox,
    options,
    outbound,
    passing,
    programs,
    queues,
    transfers,
)
from pbx_lab.scenarios.catalogue import SCENARIOS, Scenario

__all__ = [
    "SCENARIOS",
    "Scenario",
    "attended",
    "customer_first",
    "desk",
    "direct",
    "elsewhere",
    "groups",
    "links",
    "listening",
    "mailbox",
    "options",
    "outbound",
    "passing",
    "programs",
    "queues",
    "transfers",
]
