"""The own fields of a customer that the office has put on the card."""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, bindparam, select

from screenpop.accounts.departments import Section
from screenpop.customers.own_fields import OwnField, OwnSubject, OwnValues, active_fields
from screenpop.customers.own_values import format_value, own_from_json
from screenpop.service.call_work import WorkPlace
from screenpop.store.engine.inline_reads import Execute, compile_named
from screenpop.store.own_fields.definitions import load_own_fields_now
from screenpop.store.schema.tables import customers

CardValues = list[dict[str, str]]
"""Of each value ``name``, that of its field, and ``text``, in the agent's language."""

_OWN = select(customers.c.own).where(customers.c.id == bindparam("customer"))
_OWN_SQL = compile_named(_OWN)


def card_fields(connection: Connection) -> tuple[OwnField, ...]:
    """Return the fields on the card in their order."""
    fields = load_own_fields_now(connection)
    return tuple(one for one in active_fields(fields, OwnSubject.CUSTOMER) if one.on_card)


def card_values(connection: Connection, fields: Sequence[OwnField], place: WorkPlace) -> CardValues:
    """Return the values of the customer of a card; none for a department that may not see them."""
    if not _has_values(fields, place):
        return []
    values = {"customer": place.customer_id}
    return _values(fields, own_from_json(connection.execute(_OWN, values).scalar()), place)


def card_values_inline(
    execute: Execute, fields: Sequence[OwnField], place: WorkPlace
) -> CardValues:
    """As ``card_values``, on the loop's thread. Raises ``INLINE_ERRORS``."""
    if not _has_values(fields, place):
        return []
    rows = _OWN_SQL.rows(execute, {"customer": place.customer_id})
    text = rows[0][0] if rows else None
    return _values(fields, own_from_json(orjson.loads(text) if text else None), place)


def _has_values(fields: Sequence[OwnField], place: WorkPlace) -> bool:
    return bool(fields) and place.customer_id is not None and Section.PERSONAL in place.sections


def _values(fields: Sequence[OwnField], own: OwnValues, place: WorkPlace) -> CardValues:
    return [
        {
            "name": field.name(place.language),
            "text": format_value(field, own[field.key], place.language),
        }
        for field in fields
        if field.key in own
    ]
