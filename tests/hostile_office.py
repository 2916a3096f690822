"""A database whose free texts are all from ``tests.hostile_texts``.

Codes, numbers and keys stay: a stranger cannot write those. ``hostile_columns.CODES`` names the
text columns that are left as they are, so that a new column is either filled or named there.
"""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, Text, insert, literal_column, select, update

from screenpop.common.text import display_text
from screenpop.demo.seed import seed_demo
from screenpop.store.engine.database import open_database
from screenpop.store.schema.customer_tables import all_tables
from tests.hostile_columns import FREE
from tests.hostile_texts import hostile

PEOPLE = 90
TABLES: Mapping[str, Table] = all_tables.tables

PLACES = {
    "/customers/{number:int}/cases/{item_id:int}": "/customers/6/cases/1",
    "/reports/{code}": "/reports/calls",
    "/api/v1/reports/{code}": "/api/v1/reports/customers",
    "/value/{stage}": "/value/lapsed",
    "/api/v1/trip-board/{status}": "/api/v1/trip-board/offered",
    "/api/v1/lookup": "/api/v1/lookup?number=%2B989123456789",
}
"""Paths in which 1 is not the right value."""


def text_columns() -> set[str]:
    """Return every column of text as ``table.column``."""
    return {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if isinstance(column.type, Text) or type(column.type).__name__ == "FreeText"
    }


async def fill_with_hostile_texts(path: Path) -> None:
    """Fill an SQLite database that has our tables: the demo's records if it has no customers, rows
    of what the demo lacks, and then a hostile text in each column of ``FREE``."""
    now = time.time()
    database = open_database(f"sqlite:///{path}")
    today = datetime.fromtimestamp(now).astimezone().date()
    await seed_demo(database, today=today, now=now, people=PEOPLE)
    async with database.writing() as connection:
        await connection.run_sync(_add_rows, now)
        await connection.run_sync(_overwrite)
    await database.close()


def _add_rows(connection: Connection, now: float) -> None:
    """Add rows to tables that the demo leaves empty."""
    customer = connection.scalar(select(TABLES["customers"].c.id).limit(1))
    user = connection.scalar(select(TABLES["users"].c.id).where(TABLES["users"].c.role == "admin"))
    call = connection.scalar(select(TABLES["calls"].c.id).limit(1))
    case = connection.scalar(select(TABLES["cases"].c.id).limit(1))
    day = datetime.fromtimestamp(now).astimezone().date()
    session = {"user_id": user, "created_at": now, "last_seen_at": now, "expires_at": now + 9e5}
    step = {"at": now, "step": "call_arrived", "raw": hostile(0), "name": hostile(1)}
    rows: dict[str, dict[str, Any]] = {
        "api_tokens": {"token_hash": "h", "ending": "abcd", "scopes": [], "made_by": user},
        "asked_facts": {"customer_id": customer, "fact": "city", "card": "c", "asked_on": day},
        "board_links": {"token_hash": "h", "made_by": user, "expires_at": now + 9e5},
        "branches": {"name_key": "k", "created_at": now},
        "call_traces": {"call_id": call, "steps": [step]},
        "call_views": {"user_id": user, "name_key": "k", "filters": {}, "shared": True},
        "case_steps": {"case_id": case, "at": now, "what": "note"},
        "customer_messages": {"customer_id": customer, "request_key": "k"},
        "import_batches": {"imported_at": now, "state": "done"},
        "login_records": {"at": now, "outcome": "wrong_password", "user_id": user},
        "offer_answers": {"customer_id": customer, "offer": "birthday", "answer": "no"},
        "point_entries": {"customer_id": customer, "kind": "corrected", "points": 5, "day": day},
        "refusal_records": {"at": now, "method": "GET", "route": "/admin", "code": "not_allowed"},
        "school_holidays": {"first": day, "last": day},
        "sessions": {"token_hash": "h", "csrf": "c", **session},
        "teams": {},
        "transfers": {"call_id": call, "position": 1, "kind": "blind", "at": now},
        "watched_sheets": {},
        "webhook_targets": {
            "url": "https://192.0.2.1/x",
            "shape": "standard",
            "types": [],
            "secret_sealed": "",
        },
    }
    places = iter(range(10_000))
    for name, values in rows.items():
        table = TABLES[name]
        needed = {column.name for column in table.columns if not column.nullable}
        times = dict.fromkeys(needed & {"made_at", "changed_at", "at"}, now)
        reason: dict[str, object] = {"reason": {}} if name == "offer_answers" else {}
        # Twelve of each, so that pages show twelve texts; of one where a key is fixed.
        for _ in range(1 if "call_id" in values and name == "call_traces" else 12):
            place = next(places)
            unique = {key: f"{value}{place}" for key, value in values.items() if key in _KEYS}
            position = {"position": place} if "position" in values else {}
            free = {column: hostile(place) for column in _free(name)}
            row = {**times, **reason, **values, **unique, **position, **free}
            connection.execute(insert(table).values(**row))


_KEYS = {"token_hash", "name_key", "request_key", "card"}
_OF_ONE_NAME = {"households", "school_holidays"}
"""Tables in which no name may come twice."""
_UNIQUE = {"teams.name", "watched_sheets.path"}
"""Filled when their rows are added."""


def _free(table: str) -> list[str]:
    return [name.partition(".")[2] for name in FREE if name.startswith(f"{table}.")]


def _overwrite(connection: Connection) -> None:
    row_id: Any = literal_column("rowid")
    place = 0
    for name in sorted({one.partition(".")[0] for one in FREE} | _JSON.keys()):
        table, columns = TABLES[name], _free(name)
        columns = [one for one in columns if f"{name}.{one}" not in _UNIQUE]
        json_columns = _JSON.get(name, ())
        kept = [table.c[column] for column in json_columns]
        for key, *values in connection.execute(select(row_id, *kept).select_from(table)).all():
            new: dict[str, object] = {}
            for column in columns:
                place += 1
                number = f" {place}" if name in _OF_ONE_NAME else ""
                new[column] = _through_the_door(f"{name}.{column}", hostile(place) + number)
            for column, value in zip(json_columns, values, strict=True):
                place += 7
                new[column] = _filled(value, iter(range(place, place + 1_000_000)), column)
            if new:
                connection.execute(update(table).where(row_id == key).values(**new))


def _through_the_door(column: str, text: str) -> str:
    """Return the text as it is stored. The simulated PBX sends names of users as they are."""
    return display_text(text, 120) if column == "users.display_name" else text


_JSON = {
    "call_purposes": ("names",),
    "customers": ("names", "tags", "emails", "own"),
    "offers": ("terms",),
    "own_fields": ("names", "choices"),
}
"""Columns of JSON with free texts in them."""

_TEXTS_IN_JSON = {"given", "family", "name", "en", "fa", "el"}


def _filled(value: Any, places: Iterator[int], key: str = "") -> Any:
    """Return the JSON with a hostile text for each free one; a list of texts has only such."""
    if isinstance(value, dict):
        return {name: _filled(one, places, name) for name, one in value.items()}
    if isinstance(value, list):
        if key in {"tags", "emails"}:
            return [hostile(next(places), 60) for _ in range(3)]
        return [_filled(one, places, "list") for one in value]
    is_free = isinstance(value, str) and (key in _TEXTS_IN_JSON or key.isdigit())
    return hostile(next(places), 60) if is_free else value


def texts_in(value: object) -> Iterator[str]:
    """Yield each text in decoded JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)


def as_json(text: str) -> object:
    """Return the JSON of the text. Raises ``ValueError`` for NaN and keys that come twice."""

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in found}) != len(found):
            raise ValueError("a key comes twice")
        return dict(found)

    def no_constant(name: str) -> object:
        raise ValueError(name)

    decoded: object = json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant)
    return decoded
