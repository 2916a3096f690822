"""The own fields of a customer and of the next trip that the office has put on the card."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Date, bindparam, func, or_, select

from screenpop.accounts.departments import Section
from screenpop.customers.own_fields import OwnField, OwnSubject, OwnValues, active_fields
from screenpop.customers.own_values import format_value, own_from_json
from screenpop.customers.place_names import place_name
from screenpop.service.call_work import WorkPlace
from screenpop.store.engine.inline_reads import Execute, compile_named
from screenpop.store.own_fields.definitions import load_own_fields_now
from screenpop.store.schema.tables import customers, trips

CardValues = list[dict[str, str]]
"""Of each value ``name``, that of its field, and ``text``, in the agent's language; of the next
trip's also ``trip``, its destination."""

_next_trip = (
    select(trips.c.id)
    .where(
        trips.c.customer_id == customers.c.id,
        or_(*(trips.c.status == one for one in ("booked", "ticketed", "travelling"))),
        func.coalesce(trips.c.returns, trips.c.departs) >= bindparam("today", type_=Date),
    )
    .order_by(trips.c.departs, trips.c.id)
    .limit(1)
    .correlate(customers)
    .scalar_subquery()
)
"""The trip under way, else the next one that is booked."""
_OWN = (
    select(customers.c.own, trips.c.own.label("of_trip"), trips.c.destination)
    .select_from(customers.outerjoin(trips, trips.c.id == _next_trip))
    .where(customers.c.id == bindparam("customer"))
)
_OWN_SQL = compile_named(_OWN)
_SECTIONS = {OwnSubject.CUSTOMER: Section.PERSONAL, OwnSubject.TRIP: Section.TRIPS}


def card_fields(connection: Connection) -> tuple[OwnField, ...]:
    """Return the fields on the card in their order, those of customers first."""
    fields = load_own_fields_now(connection)
    return tuple(
        one for subject in OwnSubject for one in active_fields(fields, subject) if one.on_card
    )


def card_values(connection: Connection, fields: Sequence[OwnField], place: WorkPlace) -> CardValues:
    """Return the values on a card, without those that the department may not see."""
    visible = _visible(fields, place)
    if not visible:
        return []
    row = connection.execute(_OWN, _parameters(place, place.today)).first()
    return [] if row is None else _values(visible, row[0], row[1], row[2], place)


def card_values_inline(
    execute: Execute, fields: Sequence[OwnField], place: WorkPlace
) -> CardValues:
    """As ``card_values``, on the loop's thread. Raises ``INLINE_ERRORS``."""
    visible = _visible(fields, place)
    if not visible:
        return []
    rows = _OWN_SQL.rows(execute, _parameters(place, place.today.isoformat()))
    if not rows:
        return []
    own, of_trip = (orjson.loads(text) if text else None for text in rows[0][:2])
    return _values(visible, own, of_trip, rows[0][2], place)


def _parameters(place: WorkPlace, today: date | str) -> dict[str, Any]:
    return {"customer": place.customer_id, "today": today}


def _visible(fields: Sequence[OwnField], place: WorkPlace) -> list[OwnField]:
    if place.customer_id is None:
        return []
    return [one for one in fields if _SECTIONS[one.subject] in place.sections]


def _values(
    fields: Sequence[OwnField],
    own: object,
    of_trip: object,
    destination: str | None,
    place: WorkPlace,
) -> CardValues:
    stored = {OwnSubject.CUSTOMER: own_from_json(own), OwnSubject.TRIP: own_from_json(of_trip)}
    trip = place_name(destination or "", place.language)
    return [
        _value(field, stored[field.subject], place.language)
        | ({"trip": trip} if field.subject is OwnSubject.TRIP else {})
        for field in fields
        if field.key in stored[field.subject]
    ]


def _value(field: OwnField, own: OwnValues, language: str) -> dict[str, str]:
    return {
        "name": field.name(language),
        "text": format_value(field, own[field.key], language),
    }
