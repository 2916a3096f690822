"""What a PBX answers when it is asked for everything: the matter of a resync."""

from dataclasses import dataclass

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.telephony.identifiers import BootId


@dataclass(frozen=True, slots=True)
class PbxSnapshot:
    """Only complete lists get here: each ended with its ``...Complete`` event and the right count.

    ``boot`` is the PBX's start-up time from ``CoreStatus`` (its own words, as text): another value
    means that Asterisk was restarted, and every earlier channel is gone.
    """

    boot: BootId
    channels: tuple[AmiMessage, ...]
    """``CoreShowChannel`` events."""
    queues: tuple[AmiMessage, ...]
    """``QueueParams``, ``QueueMember`` and ``QueueEntry`` events of ``QueueStatus``."""
    statuses: tuple[AmiMessage, ...] = ()
    """``Status`` events: their ``DNID`` is what was dialled, which a dialplan cannot overwrite."""
    audit: bool = False
    """The regular check while live: a call is closed only when missing from two in a row."""
