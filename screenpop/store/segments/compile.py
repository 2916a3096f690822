"""Compiles a condition to SQL, for SQLite and PostgreSQL; agrees with ``conditions.evaluate``.

Every leaf is true or false, never NULL. Facts that are rows of other tables are read once as a set
of customer ids, not once for each customer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any, cast

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
)

from screenpop.conditions.evaluate import compare_fact
from screenpop.conditions.fields import FIELDS, TAKEN, season_of
from screenpop.conditions.tree import (
    SET_OPS,
    AllOf,
    AnyOf,
    Compare,
    Node,
    Not,
    Op,
    Trips,
    holds,
)
from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.consent import OFFERS
from screenpop.customers.own_fields import OwnField, OwnKind
from screenpop.store.engine.url import Kind
from screenpop.store.schema.segment_tables import SHORT_DESTINATION, customer_rhythms
from screenpop.store.schema.tables import calls, cases, customers, trips
from screenpop.store.segments.own_sql import compare_own, own_text
from screenpop.store.segments.spellings import TEXT_COLUMNS, Spellings, tags_as_text, wish_text
from screenpop.store.segments.sql_parts import (
    Bool,
    all_of,
    any_of,
    as_wanted,
    common_units,
    compare_day,
    compare_moment,
    compare_number,
    count_holds,
    is_currency,
    is_one_of,
    known,
    mirrored,
    money_of,
    month_days,
    number_of,
    values_of,
)
from screenpop.store.segments.value_sql import VALUE_COLUMNS, compare_value

_CUSTOMER = customers.c.id
_TALKED: Bool = literal_column("calls.talk_s >= 10.0", Boolean)
"""Talks that count as a contact; written as in the partial index, so that it is used."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles conditions for one database and one day."""

    kind: Kind
    today: date
    zone: tzinfo
    """Of the office; decides the day of a talk."""
    spellings: Spellings
    """Of the condition that is compiled, as ``read_spellings`` returns them."""

    def compile(self, node: Node) -> Bool:
        """Return the condition on rows of ``customers``."""
        match node:
            case AllOf(parts):
                return all_of([self.compile(part) for part in parts])
            case AnyOf(parts):
                return any_of([self.compile(part) for part in parts])
            case Not(part):
                return not_(self.compile(part))
            case Trips(where, op, count):
                met = [self._trip(one) for one in where]
                rows = select(trips.c.customer_id).where(*met)
                return count_holds(_CUSTOMER, rows, trips.c.customer_id, op, count)
            case Compare():
                return self._customer(node)

    def _customer(self, node: Compare) -> Bool:
        name = node.field
        if (own := FIELDS[name].own) is not None:
            return self._own(own, node)
        if name in _PLAIN_CHOICES:
            return self._choice(customers.c[name], node)
        if name in TEXT_COLUMNS:
            return self._text(TEXT_COLUMNS[name], node)
        if name in _OTHERS:
            return _OTHERS[name](self, node)
        if name.startswith("consent_"):
            return self._consent(node)
        return self._wish(node)

    def _own(self, own: OwnField, node: Compare) -> Bool:
        if own.kind is OwnKind.TEXT and node.op not in SET_OPS:
            meant = is_one_of(self.kind, own_text(own, self.kind), self._meant(node))
            return as_wanted(known(meant), node.op)
        return compare_own(own, self.kind, node)

    def _trip(self, node: Compare) -> Bool:
        if (own := FIELDS[node.field].own) is not None:
            return self._own(own, node)
        name = node.field.removeprefix("trip.")
        if name == "destination":
            return self._text(trips.c.destination, node)
        if name in _TRIP_CHOICES:
            return self._choice(trips.c[name], node)
        if name in _TRIP_NUMBERS:
            return self._number(_TRIP_NUMBERS[name], node)
        return _TRIP_OTHERS[name](self, node)

    def _choice(self, column: ColumnElement[Any], node: Compare) -> Bool:
        if node.op in SET_OPS:
            return as_wanted(column != "", node.op)
        found = is_one_of(self.kind, column, values_of(node))
        return as_wanted(found, node.op)

    def _text(self, column: ColumnElement[Any], node: Compare) -> Bool:
        if node.op in SET_OPS:
            return as_wanted(column != "", node.op)
        found = is_one_of(self.kind, column, self._meant(node))
        if node.field == "trip.destination":
            found = and_(text(SHORT_DESTINATION), found)
        return as_wanted(found, node.op)

    def _meant(self, node: Compare) -> list[str]:
        """Return the stored texts that are meant."""
        field = FIELDS[node.field]
        op = Op.CONTAINS if node.op is Op.CONTAINS else Op.IS_ANY
        return [
            text
            for text in self.spellings[node.field]
            if compare_fact(field.kind, op, node.value, text)
        ]

    def _number(self, column: ColumnElement[Any], node: Compare) -> Bool:
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        return known(compare_number(column, node.op, number_of(node)))

    def tag(self, node: Compare) -> Bool:
        tags = tags_as_text()
        if node.op in SET_OPS:
            return as_wanted(tags != "[]", node.op)
        field = FIELDS[node.field]
        meant = [
            text
            for text in self.spellings["tag"]
            if compare_fact(field.kind, Op.IS_ANY, node.value, tuple(orjson.loads(text)))
        ]
        found = is_one_of(self.kind, tags, meant)
        return as_wanted(found, node.op)

    def company(self, node: Compare) -> Bool:
        column = customers.c.company_id
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        kind = FIELDS[node.field].kind
        ids = [
            number
            for number, name in self.spellings["company"]
            if compare_fact(kind, Op.IS_ANY, node.value, name)
        ]
        found = known(is_one_of(self.kind, column, ids))
        return as_wanted(found, node.op)

    def by_id(self, node: Compare, column: ColumnElement[Any]) -> Bool:
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        found = known(is_one_of(self.kind, column, values_of(node)))
        return as_wanted(found, node.op)

    def flag(self, condition: Bool, node: Compare) -> Bool:
        return condition if node.value is True else not_(condition)

    def day(self, column: ColumnElement[Any], node: Compare) -> Bool:
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        return known(compare_day(column, node.op, cast("date", node.value)))

    def days_since(self, column: ColumnElement[Any], node: Compare) -> Bool:
        """Return the comparison of how many days ago a day is."""
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        day = self.today - timedelta(number_of(node))
        return known(compare_day(column, mirrored(node.op), day))

    def days_until(self, column: ColumnElement[Any], node: Compare) -> Bool:
        day = self.today + timedelta(number_of(node))
        return known(compare_day(column, node.op, day))

    def celebration(self, column: ColumnElement[Any], node: Compare) -> Bool:
        """Return the comparison of the days until the next birthday."""
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)

        def is_wanted(day: date) -> bool:
            days = (next_birthday(day, self.today) - self.today).days
            return holds(days, node.op, number_of(node))

        return known(month_days(self.kind, column, is_wanted))

    def last_trip(self, compared: Callable[[ColumnElement[Any]], Bool] | None) -> Bool:
        """Return the condition on the day of the last trip; None: whether there is one."""
        return self._of_trips(trips.c.departs < self.today, func.max(trips.c.departs), compared)

    def next_trip(self, compared: Callable[[ColumnElement[Any]], Bool] | None) -> Bool:
        return self._of_trips(trips.c.departs >= self.today, func.min(trips.c.departs), compared)

    def _of_trips(
        self,
        which: Bool,
        column: ColumnElement[Any],
        compared: Callable[[ColumnElement[Any]], Bool] | None,
    ) -> Bool:
        rows = select(trips.c.customer_id).where(trips.c.status.in_(TAKEN), which)
        if compared is not None:
            rows = rows.group_by(trips.c.customer_id).having(compared(column))
        return _CUSTOMER.in_(rows)

    def contact(self, node: Compare) -> Bool:
        rows = select(calls.c.customer_id).where(
            _TALKED, calls.c.answered_at.is_not(None), calls.c.customer_id.is_not(None)
        )
        if node.op in SET_OPS:
            found = _CUSTOMER.in_(rows)
            return as_wanted(found, node.op)
        day = self.today - timedelta(number_of(node))
        last = func.max(calls.c.answered_at)
        met = compare_moment(last, mirrored(node.op), day, self.zone)
        return _CUSTOMER.in_(rows.group_by(calls.c.customer_id).having(met))

    def rhythm(self, condition: Bool) -> Bool:
        return _CUSTOMER.in_(select(customer_rhythms.c.customer_id).where(condition))

    def overdue(self, node: Compare) -> Bool:
        if node.op in SET_OPS:
            found = self.rhythm(true())
            return as_wanted(found, node.op)
        return self.rhythm(self.days_since(customer_rhythms.c.due, node))

    def spend(self, node: Compare) -> Bool:
        amount, currency = money_of(node)
        rows = select(trips.c.customer_id).where(
            trips.c.status.in_(TAKEN), is_currency(trips.c.currency, currency)
        )
        total = func.sum(common_units(trips.c.price, trips.c.currency))
        return count_holds(_CUSTOMER, rows, trips.c.customer_id, node.op, amount, count=total)

    def balance(self, node: Compare) -> Bool:
        amount, currency = money_of(node)
        owed = and_(
            is_currency(customers.c.currency, currency),
            compare_number(
                common_units(customers.c.balance, customers.c.currency), node.op, amount
            ),
        )
        nothing = customers.c.balance == 0
        return or_(nothing, owed) if holds(0, node.op, amount) else and_(not_(nothing), owed)

    def price(self, node: Compare) -> Bool:
        amount, currency = money_of(node)
        return and_(
            is_currency(trips.c.currency, currency),
            compare_number(common_units(trips.c.price, trips.c.currency), node.op, amount),
        )

    def open_cases(self, node: Compare, *more: Bool) -> Bool:
        rows = select(cases.c.customer_id).where(cases.c.state != "closed", *more)
        return count_holds(_CUSTOMER, rows, cases.c.customer_id, node.op, number_of(node))

    def trip_count(self, node: Compare) -> Bool:
        rows = select(trips.c.customer_id).where(trips.c.status.in_(TAKEN))
        return count_holds(_CUSTOMER, rows, trips.c.customer_id, node.op, number_of(node))

    def _consent(self, node: Compare) -> Bool:
        channel = node.field.removeprefix("consent_")
        if channel == OFFERS:
            yes = known(customers.c.marketing_consent.is_(True))
            no = known(customers.c.marketing_consent.is_(False))
        else:
            answer = self._stored_consent(channel)
            yes, no = known(answer == "true"), known(answer == "false")
        conditions = {"yes": yes, "no": no, "never_asked": not_(or_(yes, no))}
        found = any_of([conditions[str(code)] for code in values_of(node)])
        return as_wanted(found, node.op)

    def _stored_consent(self, channel: str) -> ColumnElement[Any]:
        if self.kind == "sqlite":
            return func.json_type(customers.c.consents, f"$.{channel}.given")
        return func.json_extract_path_text(customers.c.consents, channel, "given")

    def _wish(self, node: Compare) -> Bool:
        wish = func.coalesce(wish_text(self.kind, node.field.removeprefix("wish_")), "")
        if node.op in SET_OPS:
            return as_wanted(wish != "", node.op)
        return is_one_of(self.kind, wish, self._meant(node))

    def month(self, node: Compare) -> Bool:
        return self._day_of_year(node, lambda day: str(day.month) in values_of(node))

    def season(self, node: Compare) -> Bool:
        return self._day_of_year(node, lambda day: season_of(day) in values_of(node))

    def _day_of_year(self, node: Compare, is_wanted: Callable[[date], bool]) -> Bool:
        column = trips.c.departs
        if node.op in SET_OPS:
            return as_wanted(column.is_not(None), node.op)
        found = known(month_days(self.kind, column, is_wanted))
        return as_wanted(found, node.op)

    def departs_in(self, node: Compare) -> Bool:
        ahead = known(trips.c.departs >= self.today)
        if node.op in SET_OPS:
            return as_wanted(ahead, node.op)
        return and_(ahead, self.days_until(trips.c.departs, node))

    def departed(self, node: Compare) -> Bool:
        past = known(trips.c.departs < self.today)
        if node.op in SET_OPS:
            return as_wanted(past, node.op)
        return and_(past, self.days_since(trips.c.departs, node))


_Leaf = Callable[[Compiler, Compare], Bool]
_PLAIN_CHOICES = frozenset({"language", "title", "gender", "tier"})
_TRIP_CHOICES = frozenset({"status", "product", "visa"})
_TRIP_NUMBERS: Mapping[str, ColumnElement[Any]] = {
    "party": trips.c.adults + trips.c.children,
    "children": trips.c.children,
    "rating": trips.c.rating,
}


def _edge(
    find: Callable[[Callable[[ColumnElement[Any]], Bool] | None], Bool],
    compared: Callable[[ColumnElement[Any], Compare], Bool],
    node: Compare,
) -> Bool:
    if node.op in SET_OPS:
        found = find(None)
        return as_wanted(found, node.op)
    return find(lambda column: compared(column, node))


_OTHERS: Mapping[str, _Leaf] = {
    "tag": Compiler.tag,
    "company": Compiler.company,
    "owner": lambda self, node: self.by_id(node, customers.c.owner_id),
    "branch": lambda self, node: self.by_id(node, customers.c.branch_id),
    "was_sent": lambda self, node: self.flag(customers.c.referred_by_id.is_not(None), node),
    "vip": lambda self, node: self.flag(customers.c.vip.is_(True), node),
    "has_email": lambda self, node: self.flag(func.json_array_length(customers.c.emails) > 0, node),
    "customer_since": lambda self, node: self.day(customers.c.customer_since, node),
    "birthday_in_days": lambda self, node: self.celebration(customers.c.birthday, node),
    "anniversary_in_days": lambda self, node: self.celebration(customers.c.anniversary, node),
    "trip_count": Compiler.trip_count,
    "last_trip": lambda self, node: _edge(self.last_trip, self.day, node),
    "next_trip": lambda self, node: _edge(self.next_trip, self.day, node),
    "last_trip_days_ago": lambda self, node: _edge(self.last_trip, self.days_since, node),
    "next_trip_in_days": lambda self, node: _edge(self.next_trip, self.days_until, node),
    "last_contact_days_ago": Compiler.contact,
    "lapsed": lambda self, node: self.flag(
        self.rhythm(customer_rhythms.c.lapsed_from <= self.today), node
    ),
    "usual_trip_overdue_days": Compiler.overdue,
    **dict.fromkeys(VALUE_COLUMNS, lambda self, node: compare_value(self.kind, node)),
    "spend": Compiler.spend,
    "balance": Compiler.balance,
    "open_cases": Compiler.open_cases,
    "open_complaints": lambda self, node: self.open_cases(node, cases.c.kind == "complaint"),
}
_TRIP_OTHERS: Mapping[str, _Leaf] = {
    "month": Compiler.month,
    "season": Compiler.season,
    "departs": lambda self, node: self.day(trips.c.departs, node),
    "departs_in_days": Compiler.departs_in,
    "departed_days_ago": Compiler.departed,
    "price": Compiler.price,
}
