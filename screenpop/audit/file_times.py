"""Times in files of a PBX: seconds since 1970, or dates in the time zone of the PBX.

A unique id of Asterisk begins with the second in which its channel came up (``1796017502.1``, with
``systemname=`` ``tehran-1796017502.1``). It decides between the two hours of the night in which the
clocks are set back, and shows whether the dates are of another zone than was thought.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, tzinfo

EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0
"""2000 and 2100: a time outside is no time of a call."""
_EPOCH = re.compile(r"\d{9,11}(\.\d+)?", re.ASCII)
_UNIQUE_ID = re.compile(r"(?:^|-)(\d{9,11})\.\d+$", re.ASCII)
_EARLY_S = 2.0
"""A time in whole seconds may be this much before that of the unique id."""
_ROUNDING_S = 900
"""Zones differ by quarters of an hour."""


class OtherZoneError(ValueError):
    """The dates of the file are not in the zone that was named; the message has the difference."""


def parse_file_time(text: str, zone: tzinfo, unique_id: str = "") -> float | None:
    """Return a time as seconds since 1970; None for text that is no time of a call.

    ``zone``: of dates without one. ``unique_id``: of the channel, which was up by then.
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return _plausible(float(text))
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return _plausible(moment.timestamp())
        times = sorted(moment.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    except (ValueError, OverflowError):
        return None
    began = time_of_unique_id(unique_id)
    if began is None:
        return _plausible(times[0])
    return _plausible(next((at for at in times if at >= began - _EARLY_S), times[-1]))


def time_of_unique_id(unique_id: str) -> float | None:
    """Return when the channel came up, in whole seconds since 1970; None for any other id."""
    found = _UNIQUE_ID.search(unique_id)
    return None if found is None else _plausible(float(found[1]))


def check_zone(times: Iterable[tuple[float, str]], zone: tzinfo) -> None:
    """Raise ``OtherZoneError`` if most times differ from their unique ids by one difference of
    zones. ``times``: when each call began by the file, and its unique id."""
    differences = [
        round((at - began) / _ROUNDING_S)
        for at, unique_id in times
        if (began := time_of_unique_id(unique_id)) is not None
    ]
    if not differences:
        return
    quarters, count = Counter(differences).most_common(1)[0]
    if quarters and count * 2 > len(differences):
        hours, minutes = divmod(abs(quarters) * 15, 60)
        side = "later" if quarters > 0 else "earlier"
        raise OtherZoneError(
            f"its times, taken as {zone}, are {hours}:{minutes:02d} h {side} than its unique ids:"
            " name the time zone that the PBX writes, such as --times-in UTC"
        )


def _plausible(at: float) -> float | None:
    return at if EARLIEST <= at < LATEST else None
