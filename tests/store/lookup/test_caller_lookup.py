"""The lookup of a caller: exact, shared, by the last digits, or none."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, text

from screenpop.customers.models import CaseKind, CustomerFile, Product, Tier, TripStatus, VisaState
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.schema.tables import cases, customers, households, trips
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164
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
    customer_id = await add_customer(database, "Karimi", LALEH)
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
                customer_id=customer_id,
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
                customer_id=customer_id,
                kind="complaint",
                state="waiting",
                subject="Refund",
                opened=date(2026, 11, 1),
                promised_by="Eleni",
                promised_for=date(2026, 11, 20),
            )
        )
    database.log.start()
    database.log.keep(finished_call(customer=customer_id, agent=agent.id))
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
    assert (customer.title, customer.gender, customer.language) == ("dr", "woman", "fa")
    assert (customer.notes, customer.preferences) == ("Likes tea", "aisle")
    assert (customer.currency, customer.customer_since) == ("IRR", date(2019, 4, 1))
    [trip] = file.trips
    assert (trip.country, trip.returns, trip.note) == ("TR", date(2026, 12, 2), "late flight")
    assert (trip.adults, trip.children, trip.price, trip.currency) == (2, 1, 900, "EUR")
    assert (trip.destination, trip.product) == ("استانبول", Product.FLIGHT_HOTEL)
    assert (trip.departs, trip.status) == (date(2026, 11, 25), TripStatus.TICKETED)
    assert (trip.visa, trip.rating, trip.paid) == (VisaState.PENDING, 4, 400)
    [case] = file.cases
    assert (case.kind, case.promised_for) == (CaseKind.COMPLAINT, date(2026, 11, 20))
    [call] = file.calls
    assert call.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (call.agent, call.note, call.talk_s) == ("Maryam", "Visa?", 60.0)


@pytest.mark.parametrize("day", [date.min, date.max], ids=["the first day", "the last day"])
async def test_the_first_and_the_last_day_come_back_as_they_were_written(
    database: Database, day: date
) -> None:
    person = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(
            customers.update().values(birthday=day, anniversary=day, customer_since=day)
        )
        await connection.execute(
            insert(trips).values(
                customer_id=person,
                destination="Rome",
                country="IT",
                product="tour",
                status="booked",
                departs=day,
                returns=day,
            )
        )
        await connection.execute(
            insert(cases).values(
                customer_id=person,
                kind="question",
                state="open",
                subject="Visa",
                opened=day,
                promised_for=day,
            )
        )

    [file] = (await look_up(database, LALEH)).exact

    customer, [trip], [case] = file.customer, file.trips, file.cases
    assert {customer.birthday, customer.anniversary, customer.customer_since} == {day}
    assert {trip.departs, trip.returns, case.opened, case.promised_for} == {day}


async def test_years_that_no_date_has_do_not_break_the_lookup(database: Database) -> None:
    await add_customer(database, "Karimi", LALEH)
    sqlite = "UPDATE customers SET birthday = '0044-03-15 BC', anniversary = '10000-01-01'"
    postgresql = (
        "UPDATE customers SET birthday = DATE '0044-03-15 BC', anniversary = DATE '10000-01-01'"
    )
    async with database.writing() as connection:
        await connection.execute(text(sqlite if database.kind == "sqlite" else postgresql))

    [file] = (await look_up(database, LALEH)).exact

    assert (file.customer.birthday, file.customer.anniversary) == (date.min, date.max)


async def test_a_shared_number_gives_all_its_customers_and_the_calls_of_the_number(
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


@pytest.mark.parametrize(
    ("rows", "found"), [(14, ["Karimi", "Other"]), (15, ["Karimi"])], ids=["14 rows", "15 rows"]
)
async def test_of_many_rows_with_the_same_digits_the_first_fifteen_are_read(
    database: Database, rows: int, found: list[str]
) -> None:
    await add_customer(database, "Karimi", *[LALEH] * rows, raw_only=True)
    await add_customer(database, "Other", LALEH, raw_only=True)

    assert families((await look_up(database, LALEH)).maybe) == found


async def test_a_household_is_read_for_its_own_member_where_two_customers_share_a_number(
    database: Database,
) -> None:
    homes = {}
    for family in ("Karimi", "Moradi"):
        caller = await add_customer(database, family, LALEH)
        member = await add_customer(database, f"{family} senior")
        async with database.writing() as connection:
            home = (
                await connection.execute(
                    insert(households).values(name=family).returning(households.c.id)
                )
            ).scalar_one()
            await connection.execute(
                customers.update()
                .where(customers.c.id.in_([caller, member]))
                .values(household_id=home)
            )
            await connection.execute(
                insert(cases).values(
                    customer_id=member,
                    kind="refund",
                    state="open",
                    subject=f"Refund for {family}",
                    opened=date(2026, 11, 1),
                )
            )
        homes[family] = [f"Refund for {family}"]

    exact = (await look_up(database, LALEH)).exact

    assert {
        file.customer.names["en"].family: [one.case.subject for one in file.household_cases]
        for file in exact
    } == homes


async def test_no_customer_is_looked_up_behind_a_withheld_number(database: Database) -> None:
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


async def test_a_code_of_a_newer_program_does_not_keep_the_card_away(database: Database) -> None:
    await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(customers.update().values(tier="diamond", title="baroness"))

    [file] = (await look_up(database, LALEH)).exact

    assert file.customer.tier is Tier.NONE


@pytest.mark.defends("invisible-characters")
async def test_hostile_text_in_the_records_comes_back_without_what_cannot_be_seen(
    database: Database,
) -> None:
    evil = "\"]};<script>\u202e\u0007\\ '; DROP TABLE customers; --"
    await add_customer(database, evil, LALEH)

    [file] = (await look_up(database, LALEH)).exact

    assert file.customer.names["en"].family == "\"]};<script>\\ '; DROP TABLE customers; --"
