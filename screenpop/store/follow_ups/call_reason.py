"""Why a customer is called, for the card of an outbound call: the list they are on, calls that were
missed, and what was noted last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.departments import Section
from screenpop.calls.call_state import CallKey
from screenpop.cards.honorifics import address, salutation
from screenpop.follow_ups.models import FollowUp
from screenpop.follow_ups.work_list import WorkKind, visible_kinds
from screenpop.service.call_work import Result, WorkPlace
from screenpop.store.calls.open_callbacks import listed_since, open_attempts
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.follow_ups.listed_customers import load_listed_customers, localized_params
from screenpop.store.follow_ups.queries import due_follow_up
from screenpop.store.follow_ups.work_lists import find_listed
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import call_notes, calls, customer_phones

_NO_RESULT: Mapping[str, Any] = {"list": None, "missed": None, "last": None}


async def load_call_reason(database: Database, place: WorkPlace, now: float) -> Result:
    """Return ``list``, ``missed`` and ``last``, each None where there is none or no right to it."""
    if place.customer_id is None and not place.number:
        return _NO_RESULT
    async with database.reading() as connection:
        found = await _listed(connection, place)
        if Section.CALLS not in place.sections:
            return {**_NO_RESULT, "list": found}
        missed = await _missed(connection, place, now)
        last = await _last_call(connection, place)
    return {
        "list": found,
        "missed": missed,
        "last": last,
    }


async def _listed(connection: AsyncConnection, place: WorkPlace) -> Result | None:
    """Return the list on which the customer is: a promise that is due comes first."""
    if place.customer_id is None:
        return None
    kinds = visible_kinds(place.sections)
    promise = await due_follow_up(connection, place.customer_id, place.today)
    if promise is not None:
        kind, params = WorkKind.PROMISE, _promise_params(promise)
    else:
        row = await find_listed(connection, place.customer_id, place.today)
        if row is None or row.kind not in {one.value for one in kinds}:
            return None
        names = await load_customer_refs(connection, [row.params.get("referred")])
        kind = WorkKind(row.kind)
        params = localized_params(kind, row.params, place.language, names)
    people = await load_listed_customers(connection, [place.customer_id])
    ref = people[place.customer_id].ref
    return {
        "kind": kind.value,
        "params": params,
        "customer": {
            "name": address(ref.names, ref.title, ref.gender, place.language),
            "salutation": salutation(ref.names, ref.title, ref.gender, place.language),
        },
    }


def _promise_params(promise: FollowUp) -> dict[str, Any]:
    due = promise.due.isoformat()
    return {"date": due, "by": promise.made_by_name, "promise": promise.promise}


async def _missed(connection: AsyncConnection, place: WorkPlace, now: float) -> Result | None:
    """Return how many calls of this person wait for a callback, and when the newest came."""
    by_number = calls.c.e164 == place.number
    if place.customer_id is not None:
        numbers = select(customer_phones.c.e164).where(
            customer_phones.c.customer_id == place.customer_id
        )
        by_number = or_(calls.c.customer_id == place.customer_id, calls.c.e164.in_(numbers))
    among = select(calls.c.id).where(by_number)
    rows = open_attempts(await listed_since(connection), now, among=among).subquery("attempts")
    newest = select(rows.c.times, rows.c.arrived_at).where(rows.c.place == 1)
    row = (await connection.execute(newest.order_by(rows.c.arrived_at.desc()).limit(1))).first()
    return None if row is None else {"times": row.times, "at": row.arrived_at}


async def _last_call(connection: AsyncConnection, place: WorkPlace) -> Result | None:
    """Return the newest note of an earlier call; where there is none, the newest earlier call."""
    earlier = and_(_with_caller(place), ~_is_call(place.call))
    noted = await _newest(connection, and_(earlier, call_notes.c.text != ""))
    row = noted or await _newest(connection, earlier)
    if row is None:
        return None
    return {
        "at": row.arrived_at,
        "direction": row.direction,
        "disposition": row.disposition,
        "agent": row.display_name or "",
        "note": row.text or "",
    }


async def _newest(connection: AsyncConnection, condition: ColumnElement[bool]) -> Any:
    statement = (
        select(
            calls.c.arrived_at,
            calls.c.direction,
            calls.c.disposition,
            users.c.display_name,
            call_notes.c.text,
        )
        .select_from(
            calls.outerjoin(call_notes, call_notes.c.call_id == calls.c.id).outerjoin(
                users, users.c.id == func.coalesce(call_notes.c.user_id, calls.c.agent_id)
            )
        )
        .where(condition)
        .order_by(calls.c.arrived_at.desc(), call_notes.c.changed_at.desc())
        .limit(1)
    )
    return (await connection.execute(statement)).first()


def _with_caller(place: WorkPlace) -> ColumnElement[bool]:
    if place.customer_id is not None:
        return calls.c.customer_id == place.customer_id
    return and_(calls.c.e164 == place.number, calls.c.customer_id.is_(None), ~calls.c.withheld)


def _is_call(key: CallKey) -> ColumnElement[bool]:
    pbx, boot, linkedid = map(clean_for_database, key)
    return and_(calls.c.pbx == pbx, calls.c.boot == boot, calls.c.linkedid == linkedid)
