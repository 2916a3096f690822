"""The demo's segments, one named in each language."""

from typing import Any

from screenpop.common.search_normalization import fold
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.store.segments.saved import Audience


def _field(field: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, **({"value": value[0]} if value else {})}


_WELCOME = _field("consent_offers", "is_any", ["yes"])
SEGMENTS: dict[str, dict[str, Any]] = {
    "Gold and platinum, nothing booked": {
        "all": [
            _field("tier", "is_any", ["gold", "platinum"]),
            _field("next_trip", "is_not_set"),
            _field("last_trip_days_ago", "<=", 730),
        ]
    },
    "تولد تا دو هفتهٔ دیگر": {"all": [_field("birthday_in_days", "<=", 14), _WELCOME]},
    "Κωνσταντινούπολη, όχι φέτος": {
        "all": [
            {
                "trips": {
                    "where": [
                        _field("trip.destination", "is_any", ["Istanbul"]),
                        _field("trip.status", "is_any", ["travelled"]),
                    ]
                }
            },
            _field("last_trip_days_ago", ">=", 180),
            _field("consent_offers", "is_none", ["no"]),
        ]
    },
}


def segment_rows(now: float) -> list[dict[str, Any]]:
    """Return the rows of ``segments``."""
    return [
        {
            "name": name,
            "name_key": fold(name),
            "condition": write_condition(read_condition({"version": 1, "condition": condition})),
            "audience": Audience.ALL.value,
            "made_at": now,
            "changed_at": now,
        }
        for name, condition in SEGMENTS.items()
    ]
