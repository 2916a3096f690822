"""The list of customers in an order of its own, page by page, over a million customers.

Each order has an index; a page is read from where the last one ended. With a search or a segment,
few customers found are sorted in memory; of many, the order's index is read in steps, and each
step keeps those that were found. Customers without a key (no talk, no next trip) come last in both
directions, the newest first.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, exists, func, literal, select, text, tuple_
from sqlalchemy import Date as DateType

from screenpop.conditions.fields import TAKEN
from screenpop.customers.models import CustomerId
from screenpop.store.engine.url import Kind
from screenpop.store.schema.list_order_tables import last_contacts, name_orders
from screenpop.store.schema.tables import customers, trips
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.segments.sql_parts import is_one_of

PAGE = 50
FEW = 5_000
"""Customers found that are sorted in memory."""
_STEP = 2_000
"""Customers of an order that are looked at together."""
_AT_ONCE = 10_000

Key = bytes | float | int | date
_POSTGRES_SETTINGS = tuple(
    f"SET LOCAL {one} = off"
    for one in ("enable_seqscan", "enable_sort", "enable_hashjoin", "enable_mergejoin", "jit")
)
"""A plan that reads an index until the page is full; it costs more for all customers."""


class OrderBy(StrEnum):
    NAME = "name"
    CONTACT = "contact"
    NEXT_TRIP = "trip"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class ListOrder:
    by: OrderBy
    descending: bool = False
    language: str = "en"
    """Whose order of names, one of ``LANGUAGES``."""


@dataclass(frozen=True, slots=True)
class Place:
    """The last customer of a page; ``key`` is None for one without."""

    key: Key | None
    customer_id: int

    def to_text(self) -> str:
        """Return the place as part of a URL."""
        key = self.key
        if key is None:
            return f"-{self.customer_id}"
        if isinstance(key, bytes):
            return f"{base64.urlsafe_b64encode(key).decode()}.{self.customer_id}"
        plain = key.isoformat() if isinstance(key, date) else repr(key)
        return f"{base64.urlsafe_b64encode(plain.encode()).decode()}.{self.customer_id}"


def place_from_text(order: ListOrder, plain: str) -> Place:
    """Return a place that ``to_text`` wrote. Raises ``ValueError`` for any other text."""
    if plain.startswith("-"):
        return Place(None, _id_of(plain[1:]))
    key, dot, customer_id = plain.rpartition(".")
    if not dot or not key:
        raise ValueError("not a place in the list")
    try:
        raw = base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not a place in the list") from error
    return Place(_KEY_FROM_BYTES[order.by](raw), _id_of(customer_id))


def _id_of(plain: str) -> int:
    number = int(plain) if plain.isascii() and plain.isdigit() else 0
    if not 0 < number < 2**63:
        raise ValueError("not a customer's number")
    return number


def _place_by_value(raw: bytes) -> int:
    number = int(raw)
    if not -(2**63) <= number < 2**63:
        raise ValueError("not a place by value")
    return number


_KEY_FROM_BYTES: dict[OrderBy, Callable[[bytes], Key]] = {
    OrderBy.NAME: bytes,
    OrderBy.CONTACT: float,
    OrderBy.NEXT_TRIP: lambda raw: date.fromisoformat(raw.decode("ascii")),
    OrderBy.VALUE: _place_by_value,
}


@dataclass(frozen=True, slots=True)
class OrderedPage:
    ids: tuple[CustomerId, ...]
    after: Place | None
    """Where the next page begins; None on the last page."""


Among = Callable[[Connection, Sequence[int]], Collection[int]]
"""Returns which of some customers are wanted."""


@dataclass(frozen=True, slots=True)
class OrderedList:
    """Reads one order of the list."""

    kind: Kind
    order: ListOrder
    today: date

    def page(
        self, connection: Connection, after: Place | None = None, among: Among | None = None
    ) -> OrderedPage:
        """Return one page of all customers, or of those of ``among``."""
        self._prepare(connection)
        found: list[Place] = []
        while len(found) <= PAGE:
            step = self._step(connection, after, PAGE + 1 if among is None else _STEP)
            if not step:
                break
            after = step[-1]
            wanted = None if among is None else among(connection, [one.customer_id for one in step])
            found += [one for one in step if wanted is None or one.customer_id in wanted]
        return _cut(found)

    def page_of(
        self, connection: Connection, ids: Collection[int], after: Place | None = None
    ) -> OrderedPage:
        """Return one page of some customers, sorted in memory."""
        keys = self._keys_of(connection, ids)
        with_key = [Place(key, one) for one, key in keys.items() if one in ids]
        with_key.sort(key=_sort_key, reverse=self.order.descending)
        without = [Place(None, one) for one in sorted(set(ids) - keys.keys(), reverse=True)]
        return _cut([one for one in (*with_key, *without) if self._is_later(one, after)])

    def keyed_statement(self, after: Place | None, most: int) -> Select[Any]:
        """Select key and id of customers with a key, in order, after a place."""
        key, customer_id, *conditions = self._keyed()
        pair = tuple_(key, customer_id)
        statement = select(key, customer_id).where(*conditions).limit(most)
        if after is not None:
            place = tuple_(literal(after.key, key.type), literal(after.customer_id))
            statement = statement.where(pair < place if self.order.descending else pair > place)
        if self.order.descending:
            return statement.order_by(key.desc(), customer_id.desc())
        return statement.order_by(key, customer_id)

    def unkeyed_statement(self, after: Place | None, most: int) -> Select[Any]:
        """Select the ids of customers without a key, the newest first."""
        _, customer_id, *conditions = self._keyed()
        keyed = exists().where(customer_id == customers.c.id, *conditions)
        statement = (
            select(customers.c.id)
            .where(customers.c.merged_into_id.is_(None), ~keyed)
            .order_by(customers.c.id.desc())
            .limit(most)
        )
        if after is not None and after.key is None:
            statement = statement.where(customers.c.id < after.customer_id)
        return statement

    def _step(self, connection: Connection, after: Place | None, most: int) -> list[Place]:
        found: list[Place] = []
        if after is None or after.key is not None:
            rows = connection.execute(self.keyed_statement(after, most))
            found = [Place(key, customer_id) for key, customer_id in rows]
        if len(found) < most:
            rest = connection.execute(self.unkeyed_statement(after, most - len(found)))
            found += [Place(None, customer_id) for customer_id in rest.scalars()]
        return found

    def _keyed(self) -> tuple[Any, ...]:
        """Return the key's column, the customer's, and conditions for one row a customer."""
        match self.order.by:
            case OrderBy.NAME:
                return name_orders.c[self.order.language], name_orders.c.customer_id
            case OrderBy.CONTACT:
                return last_contacts.c.at, last_contacts.c.customer_id
            case OrderBy.VALUE:
                return customer_values.c.place, customer_values.c.customer_id
            case OrderBy.NEXT_TRIP:
                return self._next_trips()

    def _next_trips(self) -> tuple[Any, ...]:
        other = trips.alias("other")
        earlier = exists().where(
            other.c.customer_id == trips.c.customer_id,
            other.c.status.in_(TAKEN),
            other.c.departs >= self.today,
            tuple_(other.c.departs, other.c.id) < tuple_(trips.c.departs, trips.c.id),
        )
        ahead = trips.c.departs >= literal(self.today, DateType)
        return (
            trips.c.departs,
            trips.c.customer_id,
            trips.c.departs.is_not(None),
            ahead,
            # Not the index of states and days, which has no order of days alone.
            func.lower(trips.c.status).in_(TAKEN),
            ~earlier,
        )

    def _keys_of(self, connection: Connection, ids: Collection[int]) -> dict[int, Key]:
        key, customer_id, *conditions = self._keyed()
        found: dict[int, Key] = {}
        wanted = sorted(ids)
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            rows = connection.execute(
                select(customer_id, key).where(is_one_of(self.kind, customer_id, part), *conditions)
            )
            found.update({row[0]: row[1] for row in rows})
        return found

    def _is_later(self, one: Place, after: Place | None) -> bool:
        if after is None:
            return True
        if one.key is None or after.key is None:
            if one.key is None and after.key is None:
                return one.customer_id < after.customer_id
            return one.key is None
        mine, place = _sort_key(one), _sort_key(after)
        return mine < place if self.order.descending else mine > place

    def _prepare(self, connection: Connection) -> None:
        if self.kind == "postgresql":
            for setting in _POSTGRES_SETTINGS:
                connection.execute(text(setting))


def _sort_key(place: Place) -> tuple[Any, int]:
    return place.key, place.customer_id


def _cut(found: list[Place]) -> OrderedPage:
    shown = found[:PAGE]
    after = shown[-1] if len(found) > PAGE else None
    return OrderedPage(tuple(CustomerId(one.customer_id) for one in shown), after)
