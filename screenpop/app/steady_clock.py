"""A clock for spans of time: it goes on evenly while the machine's own clock is set."""

import time


def seconds_since_boot() -> float:
    """Return seconds on a clock that is never set; on Linux it runs on while a machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
