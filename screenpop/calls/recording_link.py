"""The address of a call's recording, from a template of the settings.

Each value is percent-encoded, so that none can change the address beyond its field.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from urllib.parse import quote

FIELDS = (
    "pbx",
    "linkedid",
    "number",
    "line",
    "queue",
    "extension",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
)
"""What a template can contain: the PBX, the call's linkedid, the caller's number in digits, the
dialled number, the queue, the phone that answered first, and the arrival in the office's time
zone. A fact that is not known is empty."""


def recording_link(template: str, facts: Mapping[str, str], arrived_at: float, zone: tzinfo) -> str:
    """Return the address; empty without a template. ``facts``: the fields before ``year``."""
    if not template:
        return ""
    at = datetime.fromtimestamp(arrived_at, zone)
    moment = {"year": f"{at.year:04}"} | {
        name: f"{getattr(at, name):02}" for name in ("month", "day", "hour", "minute", "second")
    }
    values = dict.fromkeys(FIELDS, "") | dict(facts) | moment
    return template.format_map({name: _encoded(values[name]) for name in FIELDS})


def _encoded(value: str) -> str:
    # A segment of dots would lead to another folder, also in its encoded form.
    return "" if not value.strip(".") else quote(value, safe="")
