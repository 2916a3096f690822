"""The hot read, on both databases."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, make_url, text

from screenpop.customers.models import CaseKind, CustomerFile, Product, Tier, TripStatus, VisaState
from screenpop.service.ports import RecordsUnreachableError
from screenpop.store.engine.database import Database, open_database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.caller_lookup import compile_statement
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import cases, customers, households, trips
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164
from tests.store.conftest import run_on
from tests.store.samples import (
    LALEH,
    NIKOS,
    WITHHELD,
    add_customer,
    add_user,
    finished_call,
    look_up,
)

pytestmark = pytest.mark.anyio


def families(files: Sequence[CustomerFile]) -> list[str]:
    return [file.customer.names["en"].family for file in files]


async def test_a_known_number_gives_the_one_customer_with_the_phone_that_matched(
    database: Database,
) -> None:
    await add_customer(database, "Karimi", NIKOS, LALEH)
    await add_customer(database, "Somebody")

    record = await look_up(database, LALEH)

    assert families(record.exact) == ["Karimi"]
    assert record.exact[0].phone.e164 == "+989123456789"
    assert record.exact[0].phone.since == date(2023, 5, 1)
    assert record.maybe == ()


async def test_everything_a_card_needs_comes_with_the_customer(database: Database) -> None:
    who = await add_customer(database, "Karimi", LALEH)
    agent = await add_user(database, "maryam", "101")
    async with database.writing() as connection:
        home = await connection.execute(
            insert(households).values(name="Karimi").returning(households.c.id)
        )
        await connection.execute(
            customers.update().values(
                title="dr",
                gender="woman",
                tier="gold",
                vip=True,
                birthday=date(1986, 8, 3),
                anniversary=date(2012, 5, 20),
                balance=12_000_000_000,
                currency="IRR",
                language="fa",
                notes="Likes tea",
                preferences="aisle",
                customer_since=date(2019, 4, 1),
                marketing_consent=False,
                household_id=home.scalar_one(),
                names=[
                    {"language": "fa", "given": "لاله", "family": "کریمی"},
                    {"language": "en", "given": "Laleh", "family": "Karimi"},
                ],
            )
        )
        await connection.execute(
            insert(trips).values(
                customer_id=who,
                destination="استانبول",
                country="TR",
                product="flight_hotel",
                departs=date(2026, 11, 25),
                returns=date(2026, 12, 2),
                status="ticketed",
                adults=2,
                children=1,
                price=900,
                paid=400,
                currency="EUR",
                visa="pending",
                note="late flight",
                rating=4,
            )
        )
        await connection.execute(
            insert(cases).values(
                customer_id=who,
                kind="complaint",
                state="waiting",
                subject="Refund",
                opened=date(2026, 11, 1),
                promised_by="Eleni",
                promised_for=date(2026, 11, 20),
            )
        )
    database.log.start()
    database.log.keep(finished_call(customer=who, agent=agent.id))
    entry = finished_call().entry
    _ = database.log.keep_note(entry.call, entry.pbx, agent.id, "Visa?")
    await database.log.flush()

    [file] = (await look_up(database, LALEH)).exact

    customer = file.customer
    assert list(customer.names) == ["fa", "en"]
    assert customer.names["fa"].full == "لاله کریمی"
    assert (customer.tier, customer.vip, customer.balance) == (Tier.GOLD, True, 12_000_000_000)
    assert (customer.birthday, customer.household) == (date(1986, 8, 3), "Karimi")
    assert customer.anniversary == date(2012, 5, 20)
    assert customer.marketing_consent is False
    [trip] = file.trips
    assert (trip.destination, trip.product) == ("استانبول", Product.FLIGHT_HOTEL)
    assert (trip.departs, trip.status) == (date(2026, 11, 25), TripStatus.TICKETED)
    assert (trip.visa, trip.rating, trip.paid) == (VisaState.PENDING, 4, 400)
    [case] = file.cases
    assert (case.kind, case.promised_for) == (CaseKind.COMPLAINT, date(2026, 11, 20))
    [call] = file.calls
    assert call.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (call.agent, call.note, call.talk_s) == ("Maryam", "Visa?", 60.0)


async def _trip_of(database: Database, buyer: int, *travellers: int, **values: Any) -> int:
    given: dict[str, Any] = {
        "customer_id": buyer,
        "destination": "Rome",
        "departs": date(2026, 11, 25),
        "status": "booked",
        "visa": "pending",
        "price": 900,
        "paid": 400,
        "currency": "EUR",
        "rating": 4,
    }
    async with database.writing() as connection:
        row = await connection.execute(insert(trips).values(**given | values).returning(trips.c.id))
        trip: int = row.scalar_one()
        for traveller in travellers:
            await connection.execute(
                insert(trip_travellers).values(trip_id=trip, customer_id=traveller)
            )
    return trip


async def test_a_traveller_who_did_not_buy_has_the_trip_with_its_buyer_and_without_the_money(
    database: Database,
) -> None:
    parent = await add_customer(database, "Karimi", NIKOS, given="Maryam")
    child = await add_customer(database, "Karimi", LALEH, given="Sara")
    await _trip_of(database, parent, child, child)  # twice, as after a merge

    [file] = (await look_up(database, LALEH)).exact
    [trip] = file.trips
    assert (trip.destination, trip.departs) == ("Rome", date(2026, 11, 25))
    assert (trip.status, trip.visa) == (TripStatus.BOOKED, VisaState.PENDING)
    assert trip.buyer is not None
    assert (trip.buyer.id, trip.buyer.names["en"].full) == (parent, "Maryam Karimi")
    assert (trip.price, trip.paid, trip.currency, trip.rating) == (0, 0, "", None)

    [file] = (await look_up(database, NIKOS)).exact
    [trip] = file.trips
    assert (trip.buyer, trip.price, trip.rating) == (None, 900, 4)


async def test_who_buys_and_travels_has_the_trip_once_and_as_the_buyer(database: Database) -> None:
    who = await add_customer(database, "Karimi", LALEH)
    await _trip_of(database, who, who)

    [trip] = (await look_up(database, LALEH)).exact[0].trips
    assert (trip.buyer, trip.price) == (None, 900)


async def test_own_trips_and_those_of_others_come_newest_first_and_no_more_than_twenty(
    database: Database,
) -> None:
    boss = await add_customer(database, "Boss", NIKOS)
    who = await add_customer(database, "Karimi", LALEH)
    for number in range(15):
        await _trip_of(database, who, departs=date(2020 + number, 1, 1))
        await _trip_of(database, boss, who, departs=date(2020 + number, 7, 1))
    await _trip_of(database, boss, who, departs=None)

    found = (await look_up(database, LALEH)).exact[0].trips
    assert len(found) == hot.MAX_TRIPS
    assert found[0].departs is None
    days = [trip.departs for trip in found[1:] if trip.departs]
    assert days[:3] == [date(2034, 7, 1), date(2034, 1, 1), date(2033, 7, 1)]
    assert days == sorted(days, reverse=True)


async def test_open_cases_of_the_household_come_with_whose_they_are(database: Database) -> None:
    mother = await add_customer(database, "Karimi", NIKOS, given="Maryam")
    child = await add_customer(database, "Karimi", LALEH, given="Sara")
    stranger = await add_customer(database, "Else")
    async with database.writing() as connection:
        home = (
            await connection.execute(
                insert(households).values(name="Karimi").returning(households.c.id)
            )
        ).scalar_one()
        await connection.execute(
            customers.update().where(customers.c.id.in_([mother, child])).values(household_id=home)
        )
        for who, subject, state in (
            (mother, "Lost bag", "open"),
            (mother, "Old", "closed"),
            (child, "Own", "waiting"),
            (stranger, "Not theirs", "open"),
        ):
            await connection.execute(
                insert(cases).values(
                    customer_id=who,
                    kind="complaint",
                    state=state,
                    subject=subject,
                    opened=date(2026, 11, 1),
                )
            )

    [file] = (await look_up(database, LALEH)).exact
    assert [case.subject for case in file.cases] == ["Own"]
    [one] = file.household_cases
    assert (one.case.subject, one.member.id) == ("Lost bag", mother)
    assert one.member.names["en"].full == "Maryam Karimi"


async def test_a_shared_number_gives_all_who_share_it_and_the_calls_of_the_number(
    database: Database,
) -> None:
    for family in ("Karimi", "Moradi", "Sohrabi"):
        await add_customer(database, family, LALEH)
    database.log.start()
    database.log.keep(finished_call())
    await database.log.flush()

    record = await look_up(database, LALEH)

    assert families(record.exact) == ["Karimi", "Moradi", "Sohrabi"]
    assert len(record.calls) == 1


async def test_a_switchboard_of_many_customers_is_cut_so_that_the_read_stays_short(
    database: Database,
) -> None:
    for number in range(hot.MAX_EXACT_MATCHES + 3):
        await add_customer(database, f"Clerk {number}", LALEH)

    assert len((await look_up(database, LALEH)).exact) == hot.MAX_EXACT_MATCHES


async def test_the_last_nine_digits_give_only_a_maybe_and_only_without_an_exact_match(
    database: Database,
) -> None:
    await add_customer(database, "Bare", LALEH, raw_only=True)
    found = await look_up(database, LALEH)
    assert (families(found.exact), families(found.maybe)) == ([], ["Bare"])

    await add_customer(database, "Karimi", LALEH)
    found = await look_up(database, LALEH)
    assert (families(found.exact), families(found.maybe)) == (["Karimi"], [])


async def test_a_number_without_a_country_is_looked_up_by_its_last_nine_digits(
    database: Database,
) -> None:
    await add_customer(database, "Karimi", LALEH)
    bare = CallerId("0123456789", CallerIdKind.RAW, "invalid", last_nine="123456789")

    assert families((await look_up(database, bare)).maybe) == ["Karimi"]


async def test_one_customer_with_several_numbers_of_the_same_digits_is_one_maybe(
    database: Database,
) -> None:
    twin = CallerId(
        "x", CallerIdKind.NUMBER, "national", E164("+449123456789"), last_nine="123456789"
    )
    await add_customer(database, "Karimi", LALEH, twin)
    for number in range(hot.MAX_MAYBE_MATCHES + 2):
        await add_customer(database, f"Other {number}", LALEH)
    bare = CallerId("123456789", CallerIdKind.RAW, "invalid", last_nine="123456789")

    maybe = families((await look_up(database, bare)).maybe)

    assert len(maybe) == hot.MAX_MAYBE_MATCHES
    assert maybe.count("Karimi") == 1


async def test_nobody_is_looked_for_behind_a_withheld_number(database: Database) -> None:
    await add_customer(database, "Karimi", LALEH)

    record = await look_up(database, WITHHELD)

    assert (record.e164, record.exact, record.maybe, record.calls) == (None, (), (), ())


async def test_an_unknown_number_shows_the_calls_it_made_before(database: Database) -> None:
    database.log.start()
    for number in range(7):
        database.log.keep(finished_call(f"17000000{number}.1", arrived_at=1_700_000_000.0 + number))
    await database.log.flush()

    record = await look_up(database, LALEH)

    assert record.exact == ()
    assert [call.call for call in record.calls] == [f"17000000{n}.1" for n in (6, 5, 4, 3, 2)]


async def test_trips_come_newest_first_at_most_twenty_and_undated_ones_lead(
    database: Database,
) -> None:
    who = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(
            insert(trips),
            [
                {"customer_id": who, "destination": str(day), "departs": date(2020, 1, day)}
                for day in range(1, 25)
            ],
        )
        await connection.execute(insert(trips).values(customer_id=who, destination="asked"))

    [file] = (await look_up(database, LALEH)).exact

    assert [trip.destination for trip in file.trips] == ["asked", *map(str, range(24, 5, -1))]


async def test_closed_cases_stay_off_the_card(database: Database) -> None:
    who = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(
            insert(cases),
            [
                {"customer_id": who, "kind": "refund", "state": state, "opened": date(2026, 1, 1)}
                for state in ("open", "closed", "waiting")
            ],
        )

    [file] = (await look_up(database, LALEH)).exact

    assert [case.state for case in file.cases] == ["open", "waiting"]


async def test_a_code_of_a_newer_program_does_not_keep_the_card_away(database: Database) -> None:
    await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(customers.update().values(tier="diamond", title="baroness"))

    [file] = (await look_up(database, LALEH)).exact

    assert file.customer.tier is Tier.NONE


async def test_hostile_text_in_the_records_comes_back_without_what_cannot_be_seen(
    database: Database,
) -> None:
    evil = "\"]};<script>\u202e\u0007\\ '; DROP TABLE customers; --"
    await add_customer(database, evil, LALEH)

    [file] = (await look_up(database, LALEH)).exact

    assert file.customer.names["en"].family == "\"]};<script>\\ '; DROP TABLE customers; --"


async def test_what_another_connection_writes_is_seen_by_the_next_read(
    database: Database, url: str
) -> None:
    assert (await look_up(database, LALEH)).exact == ()
    other = open_database(url)
    try:
        for count in range(1, 4):
            await add_customer(other, f"Karimi {count}", LALEH)
            assert len((await look_up(database, LALEH)).exact) == count
    finally:
        await other.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_kept_read_never_stops_a_writer(database: Database, url: str) -> None:
    await add_customer(database, "Karimi", LALEH)
    await look_up(database, LALEH)

    with sqlite3.connect(make_url(url).database or "", timeout=0) as other:
        other.execute("UPDATE customers SET notes = 'written'")
        other.commit()
        left = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    other.close()

    assert left[0] == 0, "the read held its view of the records"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_hot_connection_cannot_write(database: Database) -> None:
    await look_up(database, LALEH)
    lookup: Any = database.lookup

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        lookup._read("DELETE FROM customers")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_records_that_cannot_be_read_are_told_and_the_next_call_tries_again(
    database: Database, tmp_path: Path
) -> None:
    path, away = tmp_path / "screenpop.db", tmp_path / "away.db"
    path.rename(away)
    with pytest.raises(RecordsUnreachableError):
        await look_up(database, LALEH)

    away.rename(path)
    assert (await look_up(database, LALEH)).exact == ()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_server_that_cut_the_kept_connections_is_asked_again_at_once(
    database: Database, url: str
) -> None:
    await add_customer(database, "Karimi", LALEH)
    await look_up(database, LALEH)
    await run_on(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    assert families((await look_up(database, LALEH)).exact) == ["Karimi"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_database_that_is_gone_is_told_as_unreachable(database: Database, url: str) -> None:
    name = make_url(url).database
    await run_on(
        str(make_url(url).set(database="postgres").render_as_string()),
        f"ALTER DATABASE {name} RENAME TO away_{name}",
    )
    with pytest.raises(RecordsUnreachableError):
        await look_up(database, LALEH)
    await run_on(
        str(make_url(url).set(database="postgres").render_as_string()),
        f"ALTER DATABASE away_{name} RENAME TO {name}",
    )


HOT = {
    "exact": (hot.EXACT, "number", "ix_customer_phones_e164"),
    "maybe": (hot.MAYBE, "nine", "ix_customer_phones_last_nine"),
    "trips": (hot.TRIPS, "customer", "ix_trips_customer_id_departs"),
    "travels": (hot.TRAVELS, "customer", "ix_trip_travellers_customer_id"),
    "household cases": (hot.HOUSEHOLD_CASES, "household", "ix_customers_household_id"),
    "cases": (hot.CASES, "customer", "ix_cases_customer_id"),
    "calls of a customer": (hot.CALLS_OF_CUSTOMER, "customer", "ix_calls_customer_id_arrived_at"),
    "calls of a number": (hot.CALLS_OF_NUMBER, "number", "ix_calls_e164_arrived_at"),
}


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_each_hot_statement_searches_by_its_index_and_sorts_nothing(
    database: Database, name: str, url: str
) -> None:
    statement, parameter, index = HOT[name]
    once = compile_statement(statement, parameter)
    connection = sqlite3.connect(make_url(url).database or "")
    plan = [
        row[3]
        for row in connection.execute(
            f"EXPLAIN QUERY PLAN {once.sql}", (*once.before, "1", *once.after)
        )
    ]
    connection.close()

    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")], plan
    # The notes of one call; the few trips of a traveller, the few cases of a household.
    sorts = [step for step in plan if "TEMP B-TREE" in step]
    sorted_here = name.startswith("calls") or name in {"travels", "household cases"}
    assert len(sorts) == (1 if sorted_here else 0), plan


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_the_one_statement_scans_no_table_once_there_is_something_to_scan(
    database: Database,
) -> None:
    async with database.writing() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        lookup: Any = database.lookup
        raw: Any = (await connection.get_raw_connection()).driver_connection
        values = lookup._constants | {"number": "+989123456789", "nine": "123456789"}
        rows = await raw.fetch(f"EXPLAIN {lookup._sql}", *[values[name] for name in lookup._names])
    plan = "\n".join(row[0] for row in rows)

    for index in (
        "ix_customer_phones_e164",
        "ix_customer_phones_last_nine",
        "ix_cases_customer_id",
        "ix_trips_customer_id_departs",
        "ix_calls_customer_id_arrived_at",
        "ix_trip_travellers_customer_id",
        "ix_customers_household_id",
    ):
        assert index in plan
    # Planned without sequential scans wherever an index can serve: none is left over.
    assert "Seq Scan" not in plan, plan
