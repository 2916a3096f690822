"""Identifiers of a telephone system, each a type of its own so that they cannot be mixed up."""

from typing import NewType

PbxId = NewType("PbxId", str)
"""The PBX's name in the settings. ``simulated`` marks calls of the simulator."""

BootId = NewType("BootId", str)
"""One run of a PBX from start to stop. Linkedids can repeat in another run."""

CallId = NewType("CallId", str)
"""Screenpop's id of one call: the Linkedid with which it was opened."""

LegId = NewType("LegId", str)
"""Screenpop's id of one attempt to reach one real endpoint: the Uniqueid of the dialled channel."""

Endpoint = NewType("Endpoint", str)
"""A phone or trunk as named by the PBX, without technology: ``101`` of ``PJSIP/101-0000001a``."""

E164 = NewType("E164", str)
"""A number in international form with its plus: ``+989123456789`` (ITU-T E.164)."""

Region = NewType("Region", str)
"""ISO 3166-1 alpha-2, upper case: ``IR``, ``GR``."""

FROM_QUEUE_LOG = BootId("queue_log")
"""The boot of calls that were filled in from the PBX's ``queue_log``, which had no card."""

SIMULATED = PbxId("simulated")

LINKEDID_PATTERN = r"(?:[\w-]{1,40}-)?\d{1,12}\.\d{1,9}"
"""Form of a Linkedid or Uniqueid: time and number, after ``systemname`` where Asterisk has one."""
