"""Detects that the AMI user lacks an event class, which the PBX itself does not report."""

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import DIALLED_APPLICATIONS, PbxSnapshot

_SETTLED_S = 5


class EventPermissionCheck:
    """Compares each snapshot with the one before.

    A phone dialled between them has caused a ``DialBegin``, so if no event at all has come, the AMI
    user lacks the class ``call``.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._delivered = 0

    def hidden(self, snapshot: PbxSnapshot, delivered: int) -> bool:
        """Return whether events were hidden since the last snapshot. ``delivered`` counts all so
        far."""
        dialled = {row.get("Uniqueid") for row in snapshot.channels if _is_settled_leg(row)}
        hidden = snapshot.audit and delivered == self._delivered and bool(dialled - self._known)
        self._known = {row.get("Uniqueid") for row in snapshot.channels}
        self._delivered = delivered
        return hidden


def _is_settled_leg(row: AmiMessage) -> bool:
    return (
        row.get("Application") in DIALLED_APPLICATIONS
        and _seconds(row.get("Duration")) >= _SETTLED_S
    )


def _seconds(duration: str) -> int:
    """Return the seconds of ``HH:MM:SS``; 0 for any other text."""
    parts = duration.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return 0
    hours, minutes, seconds = (int(part[:6]) for part in parts)
    return hours * 3600 + minutes * 60 + seconds
