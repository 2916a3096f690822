"""The names of things on a telephone system, each its own type: none stands in for another."""

from typing import NewType

PbxId = NewType("PbxId", str)
"""Which PBX, as the settings name it. ``simulated`` marks calls that nobody made."""

BootId = NewType("BootId", str)
"""One run of a PBX from start to stop. Linkedids can repeat in another boot."""

LinkedId = NewType("LinkedId", str)
"""Asterisk's id that joins the channels of one call."""

UniqueId = NewType("UniqueId", str)
"""Asterisk's id of one channel."""

CallId = NewType("CallId", str)
"""Our id of one call: the Linkedid it was opened with."""

LegId = NewType("LegId", str)
"""Our id of one attempt to reach one real endpoint: the Uniqueid of the dialled channel."""

Endpoint = NewType("Endpoint", str)
"""A phone or trunk as the PBX names it, without technology: ``101`` of ``PJSIP/101-0000001a``."""

E164 = NewType("E164", str)
"""A number in international form with its plus: ``+989123456789`` (ITU-T E.164)."""

Region = NewType("Region", str)
"""ISO 3166-1 alpha-2, upper case: ``IR``, ``GR``."""

SIMULATED = PbxId("simulated")
