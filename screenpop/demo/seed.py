"""Fills an empty database for the demo: customers, users, and a call log of the last days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import Department, Role, UserId
from screenpop.customers.models import Case, CustomerId, Trip
from screenpop.demo.attachments import attach_demo_files
from screenpop.demo.busy_calls import busy_calls
from screenpop.demo.call_history import demo_history
from screenpop.demo.call_reports import seed_reports
from screenpop.demo.callbacks import demo_callbacks
from screenpop.demo.companies import seed_contacts
from screenpop.demo.customers import CUSTOMER_COUNT, SEED, demo_customers
from screenpop.demo.fixtures import DemoCustomer
from screenpop.demo.offers import offer_rows, outcome_rows
from screenpop.demo.own_fields import add_own_fields
from screenpop.demo.payments import demo_payments
from screenpop.demo.segments import segment_rows
from screenpop.demo.trip_board import seed_trip_board
from screenpop.demo.vouchers import seed_vouchers
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.store.accounts.users import create_user, list_users
from screenpop.store.calls.batch import prepare_batch
from screenpop.store.calls.open_callbacks import SINCE_KEY
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.documents import document_values
from screenpop.store.customers.payment_rows import store_summary
from screenpop.store.customers.payments import insert_payment
from screenpop.store.customers.rows import Values, write_drafts
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError
from screenpop.store.follow_ups.changes import insert_follow_up_in
from screenpop.store.schema.customer_tables import (
    customer_documents,
    offer_answers,
    trip_travellers,
)
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.segment_tables import segments
from screenpop.store.schema.tables import cases, customers, meta, trips
from screenpop.store.search.reindex import reindex_customers
from screenpop.telephony.identifiers import Endpoint

DEMO_ZONE = ZoneInfo("Asia/Tehran")
DEMO_PASSWORD = "demo"  # noqa: S105 - on loopback, with invented people
_SEEDED = "demo_seeded"
_SLICE = 500
_FIRST_PROMISED = 60
"""Place of the first customer with a promise, after the showcase customers."""
_FIRST_ANSWERED = 100
_ANSWERED = 300
"""Customers with an invented answer to an offer."""
_PROMISES = {
    "en": ("Send two hotels near the beach", "Call back with the price for four"),
    "fa": ("ارسال دو هتل نزدیک ساحل", "تماس با قیمت برای چهار نفر"),
    "el": ("Αποστολή δύο ξενοδοχείων κοντά στη θάλασσα", "Τηλέφωνο με την τιμή για τέσσερις"),
}


@dataclass(frozen=True, slots=True)
class DemoUser:
    username: str
    display_name: str
    role: Role
    department: Department
    language: str
    endpoint: Endpoint | None = None


DEMO_USERS = (
    DemoUser("maryam", "Maryam", Role.AGENT, Department.SALES, "en", Endpoint("101")),
    DemoUser("eleni", "Ελένη", Role.AGENT, Department.SALES, "el", Endpoint("102")),
    DemoUser("nikos", "Νίκος", Role.AGENT, Department.ACCOUNTING, "el", Endpoint("103")),
    DemoUser("sara", "Sara", Role.SUPERVISOR, Department.SALES, "en"),
    DemoUser("admin", "Admin", Role.ADMIN, Department.SUPPORT, "en"),
)

DAY_S = 24 * 3600
_REFERRED = 8
_PLACES_APART = 7
"""Customers between two that referred another: neighbours in the list may be one household."""


async def seed_demo(
    database: Database,
    *,
    today: date,
    now: float,
    zone: tzinfo = DEMO_ZONE,
    people: int = CUSTOMER_COUNT,
    seed: int = SEED,
) -> bool:
    """Fill the database in one transaction; return False if it was filled before."""
    async with database.reading() as connection:
        done = await connection.execute(select(meta.c.key).where(meta.c.key == _SEEDED))
        if done.first() is not None:
            return False
    agents = await _users(database, now)
    cast = demo_customers(today, people, seed)
    key = await _document_key(database)
    async with database.writing() as connection:
        ids = await write_drafts(
            connection, database.kind, [person.draft for person in cast], now=now
        )
        pairs = list(zip(ids, cast, strict=True))
        await _in_slices(
            connection,
            trips,
            [_trip(customer_id, trip) for customer_id, person in pairs for trip in person.trips],
        )
        await _in_slices(
            connection,
            cases,
            [_case(customer_id, case) for customer_id, person in pairs for case in person.cases],
        )
        await _travellers(connection, pairs)
        await _documents(connection, pairs, key, now)
        await _payments(connection, pairs, today, now)
        await add_own_fields(connection, pairs, now)
        await _referrers(connection, ids)
        await seed_contacts(connection)
        await seed_trip_board(connection, list(agents.values()), today, now)
        await reindex_customers(connection, ids)
        history = demo_history(pairs, agents, today, zone, seed)
        promised = pairs[_FIRST_PROMISED : _FIRST_PROMISED + 2 * len(agents) + 2]
        missed = demo_callbacks(pairs, promised, agents, today, now)
        busy = busy_calls(pairs, agents, today, now, zone, seed)
        records = [*history.records, *busy, *missed]
        await connection.run_sync(await prepare_batch(database.kind, records, history.notes, now))
        await seed_reports(connection, agents, today, now, zone, seed)
        await _promises(connection, pairs, agents, today, now)
        await connection.execute(insert(segments), segment_rows(now))
        await _offers(connection, ids, now)
        await seed_vouchers(connection, ids, today, now, seed)
        await connection.execute(insert(meta).values(key=_SEEDED, value=today.isoformat()))
        # Missed calls of the invented past are marked as done, except those of the last day.
        await connection.execute(insert(meta).values(key=SINCE_KEY, value=str(now - DAY_S)))
    await attach_demo_files(database, ids, now)
    return True


async def _offers(connection: AsyncConnection, ids: Sequence[CustomerId], now: float) -> None:
    """Save the offers, and what customers beyond the showcase answered to them."""
    await connection.execute(insert(offers), offer_rows(now))
    found = await connection.execute(select(offers.c.id, offers.c.terms).order_by(offers.c.id))
    shares = [(row.id, row.terms["offer"]["control_percent"]) for row in found]
    answered = ids[_FIRST_ANSWERED : _FIRST_ANSWERED + _ANSWERED]
    if answered:
        await connection.execute(insert(offer_answers), outcome_rows(shares, answered, now))


async def _document_key(database: Database) -> DocumentKey | None:
    try:
        return await load_document_key(database)
    except DocumentKeyError:
        return None  # a database server without a folder for the key


async def _documents(
    connection: AsyncConnection,
    pairs: Sequence[tuple[CustomerId, DemoCustomer]],
    key: DocumentKey | None,
    now: float,
) -> None:
    if key is None:
        return
    rows = [
        {"customer_id": customer_id, **document_values(one, key, now)}
        for customer_id, person in pairs
        for one in person.draft.documents
    ]
    await _in_slices(connection, customer_documents, rows)


async def _payments(
    connection: AsyncConnection,
    pairs: Sequence[tuple[CustomerId, DemoCustomer]],
    today: date,
    now: float,
) -> None:
    """Save the payments of the customers that have some, for their first trip."""
    for customer_id, person in pairs:
        name = person.draft.names.get("en")
        payments = demo_payments(name.full, person.trips, today) if name is not None else ()
        if not payments:
            continue
        trip_id = await connection.scalar(
            select(trips.c.id).where(trips.c.customer_id == customer_id).order_by(trips.c.id)
        )
        for payment in payments:
            await insert_payment(connection, int(trip_id or 0), payment, now)
        await store_summary(connection, int(trip_id or 0), person.trips[0].currency)


async def _users(database: Database, now: float) -> dict[Endpoint, UserId]:
    """Create the demo's users; return who has which phone."""
    seats: dict[Endpoint, UserId] = {}
    there = {user.username: user for user in await list_users(database)}
    for person in DEMO_USERS:
        user = there.get(person.username) or await create_user(
            database,
            username=person.username,
            display_name=person.display_name,
            password=DEMO_PASSWORD,
            role=person.role,
            department=person.department,
            language=person.language,
            now=now,
            endpoints=() if person.endpoint is None else (person.endpoint,),
        )
        if person.endpoint is not None:
            seats[person.endpoint] = user.id
    return seats


async def _referrers(connection: AsyncConnection, ids: Sequence[CustomerId]) -> None:
    """Save for some customers who referred them, so that there are referrers to thank."""
    later = ids[len(ids) // 2 :]
    apart = _REFERRED * _PLACES_APART
    pairs = zip(
        later[:apart:_PLACES_APART], later[_PLACES_APART // 2 : apart : _PLACES_APART], strict=False
    )
    for referrer, referred in pairs:
        await connection.execute(
            update(customers).where(customers.c.id == referred).values(referred_by_id=referrer)
        )


async def _travellers(
    connection: AsyncConnection, pairs: Sequence[tuple[CustomerId, DemoCustomer]]
) -> None:
    """Save the travellers on trips that other customers booked."""
    by_name = {
        person.draft.names["en"].full: customer_id
        for customer_id, person in reversed(pairs)
        if "en" in person.draft.names
    }
    for customer_id, person in pairs:
        if not person.travellers:
            continue
        found = await connection.execute(
            select(trips.c.id).where(trips.c.customer_id == customer_id).order_by(trips.c.id)
        )
        ids = found.scalars().all()
        rows = [
            {"trip_id": ids[place], "customer_id": by_name[name]}
            for place, names in person.travellers.items()
            for name in names
            if name in by_name
        ]
        if rows:
            await connection.execute(insert(trip_travellers), rows)


async def _promises(
    connection: AsyncConnection,
    pairs: Sequence[tuple[CustomerId, DemoCustomer]],
    agents: Mapping[Endpoint, UserId],
    today: date,
    now: float,
) -> None:
    """Save promises that are due today: some of each agent, one of no user."""
    owners = [*agents.values(), None]
    promised = pairs[_FIRST_PROMISED : _FIRST_PROMISED + 2 * len(owners)]
    for place, (customer_id, person) in enumerate(promised):
        texts = _PROMISES.get(person.draft.language, _PROMISES["en"])
        new = NewFollowUp(
            customer_id,
            today,
            texts[place % len(texts)],
            FollowUpSource.MANUAL,
            owners[place % len(owners)],
            owners[0],
        )
        await insert_follow_up_in(connection, new, today=today, now=now - DAY_S)


async def _in_slices(connection: AsyncConnection, table: Table, rows: Sequence[Values]) -> None:
    for start in range(0, len(rows), _SLICE):
        await connection.execute(insert(table), rows[start : start + _SLICE])


def _trip(customer_id: CustomerId, trip: Trip) -> Values:
    return {
        "customer_id": customer_id,
        "destination": trip.destination,
        "country": trip.country,
        "product": trip.product.value,
        "departs": trip.departs,
        "returns": trip.returns,
        "status": trip.status.value,
        "adults": trip.adults,
        "children": trip.children,
        "price": trip.price,
        "paid": trip.paid,
        "currency": trip.currency,
        "visa": trip.visa.value,
        "note": trip.note,
        "rating": trip.rating,
    }


def _case(customer_id: CustomerId, case: Case) -> Values:
    return {
        "customer_id": customer_id,
        "kind": case.kind.value,
        "state": case.state.value,
        "subject": case.subject,
        "opened": case.opened,
        "promised_by": case.promised_by,
        "promised_for": case.promised_for,
    }
