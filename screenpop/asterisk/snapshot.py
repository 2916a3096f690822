"""The lists of everything that is up on a PBX, as read for a resync."""

from dataclasses import dataclass

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.telephony.identifiers import BootId

DIALLED_APPLICATIONS = frozenset({"AppDial", "AppDial2", "AppQueue"})
"""``Application`` of a channel that the PBX dialled: by ``Dial()``, by main/dial.c (an originated
call, ``Page()``), by ``Queue()``."""


@dataclass(frozen=True, slots=True)
class PbxSnapshot:
    """Complete lists only: each ended with its ``...Complete`` event and the right count.

    ``boot`` is the PBX's start-up time from ``CoreStatus``, as text: another value means that
    Asterisk was restarted, and every earlier channel is gone.
    """

    boot: BootId
    channels: tuple[AmiMessage, ...]
    """``CoreShowChannel`` events."""
    queues: tuple[AmiMessage, ...]
    """``QueueParams``, ``QueueMember`` and ``QueueEntry`` events of ``QueueStatus``."""
    statuses: tuple[AmiMessage, ...] = ()
    """``Status`` events: their ``DNID`` is the dialled number, which a dialplan cannot
    overwrite."""
    audit: bool = False
    """The regular check while live: a call is closed only when missing from two in a row."""
