"""Derives the disposition of a call from the outcome of its legs."""

from collections.abc import Iterable

from screenpop.calls.events import Direction, Disposition, StopReason

# The reason that decides for the whole call when there was no answer, strongest first.
_RANK: tuple[tuple[StopReason, Disposition], ...] = (
    (StopReason.NO_ANSWER, Disposition.NO_ANSWER),
    (StopReason.CANCELLED, Disposition.NO_ANSWER),
    (StopReason.ANSWERED_ELSEWHERE, Disposition.NO_ANSWER),
    (StopReason.DECLINED, Disposition.NO_ANSWER),
    (StopReason.BUSY, Disposition.BUSY),
    (StopReason.FORWARDED, Disposition.NO_ANSWER),
)


def disposition_of(
    direction: Direction,
    *,
    answered: bool,
    lost: bool,
    reasons: Iterable[StopReason],
    caller_gave_up: bool,
    refused: bool,
    busy_played: bool,
    waited: bool,
    was_up: bool,
    voicemail: bool = False,
) -> Disposition:
    """Return the disposition of a finished call.

    - ``lost``: the PBX stopped during the call, or its end was not seen.
    - ``caller_gave_up``: the caller hung up while a phone rang, a queue held the call, or before
      anything was tried.
    - ``refused``: phones or trunks could not be dialled at all; a phone that is off is dialled
      until the time is up.
    - ``busy_played``: the dialplan played busy.
    - ``waited``: the call was in a queue.
    - ``was_up``: the PBX itself had answered (a menu, a mailbox), which a colleague may have
      dialled for.
    - ``voicemail``: a voicemail took the call, whatever the phones had done before.

    Only a caller from outside can abandon a call: an agent who hangs up before the customer answers
    has reached no one.
    """
    if answered:
        return Disposition.ANSWERED
    if lost:
        return Disposition.FAILED
    if voicemail:
        return Disposition.VOICEMAIL
    if caller_gave_up and direction is Direction.INBOUND:
        return Disposition.ABANDONED
    stopped = frozenset(reasons)
    for reason, disposition in _RANK:
        if reason in stopped:
            return disposition
    if StopReason.UNREACHABLE in stopped:
        return Disposition.FAILED if refused else Disposition.NO_ANSWER
    if busy_played:
        return Disposition.BUSY
    if waited or caller_gave_up:
        return Disposition.NO_ANSWER
    by_us = was_up and direction is not Direction.INBOUND
    return Disposition.ANSWERED if by_us else Disposition.FAILED
