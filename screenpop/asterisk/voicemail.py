"""Recognises that a voicemail has taken a call.

No event of the classes that are read names the application. What tells it: the context or
extension in which a channel is answered or hangs up (FreePBX and Issabel generate ``macro-vm``
and ``vmu101``), ``MessageWaiting`` with the channel that left the message (any dialplan), and
``Application: VoiceMail`` in the lists of a resync.
"""

import re

from screenpop.asterisk import ami_events
from screenpop.asterisk.tracker_state import Channel, TrackerState

APPLICATIONS = frozenset({"VoiceMail", "MiniVM_Record", "MinivmRecord"})
"""Of ``CoreShowChannel``. ``VoiceMailMain`` listens to messages and leaves none."""

_WORDS = frozenset({"vm", "vmx", "voicemail", "vmail", "mailbox", "voicebox"})
_EXTENSION = re.compile(r"vm[bsuin]?x?[0-9]+")
"""``vmu101``: FreePBX's destination "voicemail of 101, unavailable message"."""
_DIALS_FIRST = frozenset({"macro-exten-vm", "exten-vm", "sub-exten-vm"})
"""These contexts ring the phone and only then go to the voicemail."""


def is_voicemail(context: str, exten: str) -> bool:
    """Whether this place of a dialplan is a voicemail that takes messages."""
    if _EXTENSION.fullmatch(exten):
        return True
    if not context or context in _DIALS_FIRST:
        return False
    return not _WORDS.isdisjoint(re.split(r"[^a-z0-9]+", context.lower()))


def note_place(state: TrackerState, channel: Channel, context: str, exten: str) -> None:
    """A channel that runs a dialplan is answered, or hangs up, at this place of it."""
    if channel.leg is None and is_voicemail(context, exten):
        _take(channel)


def message_waiting(state: TrackerState, event: ami_events.MessageWaiting) -> None:
    """A mailbox has changed. A phone that only listens to its messages brings this event too."""
    channel = state.channels.get(event.channel.uniqueid) if event.channel is not None else None
    if channel is not None and (channel.call.legs or not channel.call.origin_is_phone):
        _take(channel)


def note_application(channel: Channel, application: str) -> None:
    """What a resync's row says that the channel is doing."""
    if application in APPLICATIONS:
        _take(channel)


def _take(channel: Channel) -> None:
    channel.call.voicemail = True
