"""Reads the facts of customers as conditions compare them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.customers.consent import stored_consents
from screenpop.customers.own_values import own_from_json
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import calls, cases, customers, households, trips
from screenpop.store.schema.value_tables import customer_values

_VALUE = ("stage", "chance_word", "chance", "percentile", "is_top", "referred")


def load_facts(
    connection: Connection, ids: Sequence[int], zone: tzinfo
) -> dict[int, CustomerFacts]:
    """Return the facts of these customers, by id."""
    rows = connection.execute(
        select(
            customers,
            func.coalesce(households.c.name, "").label("company"),
            customer_rhythms.c.due,
            customer_rhythms.c.lapsed_from,
            *(customer_values.c[name] for name in _VALUE),
        )
        .select_from(
            customers.outerjoin(households, households.c.id == customers.c.company_id)
            .outerjoin(customer_rhythms, customer_rhythms.c.customer_id == customers.c.id)
            .outerjoin(customer_values, customer_values.c.customer_id == customers.c.id)
        )
        .where(customers.c.id.in_(ids))
    ).all()
    journeys = _rows_of(connection, trips, ids)
    matters = _rows_of(connection, cases, ids)
    talks = _last_talks(connection, ids, zone)
    return {
        row.id: _facts(row, journeys[row.id], matters[row.id], talks.get(row.id)) for row in rows
    }


def _facts(
    row: Any, journeys: Sequence[Any], matters: Sequence[Any], talk: date | None
) -> CustomerFacts:
    pending = [one for one in matters if one.state != "closed"]
    consents = stored_consents(row.consents, row.marketing_consent)
    return CustomerFacts(
        tags=tuple(row.tags),
        language=row.language,
        title=row.title,
        gender=row.gender,
        tier=row.tier,
        vip=bool(row.vip),
        city=row.city,
        company=row.company,
        heard_from=row.heard_from,
        owner=row.owner_id,
        branch=row.branch_id,
        was_sent=row.referred_by_id is not None,
        sent=row.referred,
        has_email=bool(row.emails),
        customer_since=row.customer_since,
        birthday=row.birthday,
        anniversary=row.anniversary,
        balance=row.balance,
        currency=row.currency,
        consents={channel: one.given for channel, one in consents.items()},
        wishes=dict(row.wishes),
        open_cases=len(pending),
        open_complaints=sum(one.kind == "complaint" for one in pending),
        last_contact=talk,
        trips=tuple(_trip(one) for one in journeys),
        rhythm_due=row.due,
        lapsed_from=row.lapsed_from,
        stage=row.stage or "",
        likelihood=row.chance_word or "",
        chance=row.chance,
        best_percent=row.percentile,
        is_top=bool(row.is_top),
        own=own_from_json(row.own),
    )


def _trip(row: Any) -> TripFacts:
    return TripFacts(
        destination=row.destination,
        product=row.product,
        departs=row.departs,
        status=row.status,
        adults=row.adults,
        children=row.children,
        price=row.price,
        currency=row.currency,
        visa=row.visa,
        rating=row.rating,
        own=own_from_json(row.own),
    )


def _rows_of(connection: Connection, table: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    kept: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.customer_id.in_(ids))):
        kept[row.customer_id].append(row)
    return kept


def _last_talks(connection: Connection, ids: Sequence[int], zone: tzinfo) -> dict[int, date]:
    rows = connection.execute(
        select(calls.c.customer_id, func.max(calls.c.answered_at).label("at"))
        .where(calls.c.customer_id.in_(ids), literal_column("calls.talk_s >= 10.0"))
        .group_by(calls.c.customer_id)
    )
    return {
        row.customer_id: datetime.fromtimestamp(row.at, UTC).astimezone(zone).date()
        for row in rows
        if row.at is not None
    }
