"""Recognises that a voicemail or a fax machine of the PBX has taken a call.

No event of the classes that are read names the application. It is recognised by the context or
extension in which a channel is answered or hangs up (FreePBX and Issabel generate ``macro-vm`` and
``vmu101``), by ``MessageWaiting`` with the channel that left the message (any dialplan), and by
``Application: VoiceMail`` in the lists of a resync.
"""

import re

from screenpop.asterisk import ami_events
from screenpop.asterisk.tracker_state import Channel, TrackerState

APPLICATIONS = frozenset({"VoiceMail", "MiniVM_Record", "MinivmRecord"})
"""Values of ``CoreShowChannel``. ``VoiceMailMain`` plays messages and records none."""

_WORDS = frozenset({"vm", "vmx", "voicemail", "vmail", "mailbox", "voicebox"})
_FAX_CONTEXTS = frozenset(
    {"ext-fax", "app-fax", "fax", "fax-in", "fax-rx", "fax-receive", "rxfax", "receivefax"}
)
"""``ext-fax`` is that of FreePBX and Issabel. Other names with the word may be a line's."""
_EXTENSION = re.compile(r"vm[bsuin]?x?[0-9]+")
"""``vmu101``: FreePBX's destination "voicemail of 101, unavailable message"."""
_DIALS_FIRST = frozenset({"macro-exten-vm", "exten-vm", "sub-exten-vm"})
"""These contexts ring the phone and only then go to the voicemail."""


def is_voicemail(context: str, exten: str) -> bool:
    """Return whether this place of a dialplan is a voicemail that records messages."""
    if _EXTENSION.fullmatch(exten):
        return True
    if not context or context in _DIALS_FIRST:
        return False
    return not _WORDS.isdisjoint(re.split(r"[^a-z0-9]+", context.lower()))


def is_fax(context: str, exten: str) -> bool:
    """Return whether this place of a dialplan receives faxes.

    ``fax`` is also the extension to which Asterisk itself sends a call in which it hears a fax.
    """
    return exten == "fax" or context.lower().replace("_", "-") in _FAX_CONTEXTS


def note_place(state: TrackerState, channel: Channel, context: str, exten: str) -> None:
    """Record the dialplan place in which a channel was answered or hung up.

    A fax is received only where no phone was dialled before.
    """
    if channel.leg is not None:
        return
    if is_voicemail(context, exten):
        _take(channel)
    elif not channel.call.legs and is_fax(context, exten):
        channel.call.fax = True


def message_waiting(state: TrackerState, event: ami_events.MessageWaiting) -> None:
    """Mark a call as voicemail after ``MessageWaiting``.

    A phone that only plays its messages causes this event too.
    """
    channel = state.channels.get(event.channel.uniqueid) if event.channel is not None else None
    if channel is not None and (channel.call.legs or not channel.call.origin_is_phone):
        _take(channel)


def note_application(channel: Channel, application: str) -> None:
    """Mark a call as voicemail if a resync's row shows its application."""
    if application in APPLICATIONS:
        _take(channel)


def _take(channel: Channel) -> None:
    channel.call.voicemail = True
