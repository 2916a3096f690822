"""The endpoint behind a queue member's interface."""

import re

from screenpop.telephony.identifiers import Endpoint

_INTERFACE = re.compile(
    r"(?:[A-Za-z0-9_]+/|hint:)"  # the technology, or a hint
    r"(?P<endpoint>[^@/&\s]+?)"
    r"(?:@[^/\s]*)?"  # the context of a Local channel or a hint
    r"(?:/[A-Za-z]+)?"  # options of a Local channel
    r"(?:;[12])?"
)

_NO_PHONES = frozenset({"agent", "dahdi", "console", "custom"})
"""Technologies whose names are no endpoints: agents, wires, this machine's sound card."""


def endpoint_of_interface(interface: str) -> Endpoint | None:
    """``101`` of ``PJSIP/101``, ``SIP/101``, ``Local/101@from-queue/n`` or ``hint:101@ext-local``,
    as ``queues.conf`` and AMI's ``Interface`` and ``StateInterface`` have them; else None."""
    found = _INTERFACE.fullmatch(interface.strip())
    if found is None or interface.strip().partition("/")[0].lower() in _NO_PHONES:
        return None
    return Endpoint(found["endpoint"])
