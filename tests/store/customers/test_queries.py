"""Customers for the pages."""

from datetime import date

import pytest

from screenpop.customers.consent import Consent
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, Gender, PersonName, Tier, Title
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
    list_customers,
    unlink_phone,
)
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import E164
from tests.store.samples import LALEH, NIKOS, add_customer, count_customers, finished_call, look_up

pytestmark = pytest.mark.anyio

PHONE = PhoneDraft("0912 345 6789", LALEH.e164, LALEH.last_nine, "mobile", date(2023, 1, 1))


def draft(
    family: str = "Karimi", *phones: PhoneDraft, given: str = "Laleh", language: str = "en"
) -> CustomerDraft:
    return CustomerDraft(names={language: PersonName(given, family)}, phones=phones)


async def test_a_customer_comes_back_as_written(database: Database) -> None:
    written = CustomerDraft(
        names={"fa": PersonName("لاله", "کریمی"), "en": PersonName("Laleh", "Karimi")},
        title=Title.DR,
        gender=Gender.WOMAN,
        language="fa",
        tier=Tier.GOLD,
        vip=True,
        birthday=date(1904, 2, 29),
        anniversary=date(2010, 6, 1),
        balance=-12_500_000_000,
        currency="IRR",
        consents={"offers": Consent(False)},
        customer_since=date(2019, 1, 2),
        notes="tea,\nno sugar",
        preferences="aisle",
        tags=("doctor", "خانواده"),
        household="Karimi",
        company="Clinic",
        city="Shiraz",
        phones=(PHONE,),
    )
    customer_id = await create_customer(database, written, 7.0)

    detail = await load_customer_detail(database, customer_id)

    assert detail is not None
    customer = detail.customer
    assert list(customer.names.items()) == list(written.names.items())
    assert (customer.title, customer.gender, customer.tier) == (Title.DR, Gender.WOMAN, Tier.GOLD)
    assert (customer.vip, customer.birthday, customer.balance) == (
        True,
        date(1904, 2, 29),
        -12_500_000_000,
    )
    assert (customer.notes, customer.preferences) == ("tea,\nno sugar", "aisle")
    assert customer.household == "Karimi"
    assert detail.company is not None
    assert detail.company.name == "Clinic"
    assert (detail.anniversary, detail.tags) == (date(2010, 6, 1), ("doctor", "خانواده"))
    [phone] = detail.numbers
    assert (phone.phone.e164, phone.phone.raw, phone.phone.since) == (
        LALEH.e164,
        "0912 345 6789",
        date(2023, 1, 1),
    )


async def test_no_customer_is_found_behind_an_unknown_number(database: Database) -> None:
    assert await load_customer_detail(database, CustomerId(404)) is None


@pytest.mark.parametrize(
    "typed",
    [
        "كريمي",
        "کریمی لاله",
        "karimi",
        "LALEH",
        "0912345",
        "+98912",
        "۰۹۱۲ ۳۴۵",
        "98 912",
        "Clinic",
        "doctor",
        "shir",
        "  ",
        "912-345-6789",
    ],
)
async def test_a_customer_is_found_however_the_name_or_number_is_typed(
    database: Database, typed: str
) -> None:
    await create_customer(
        database,
        CustomerDraft(
            names={"fa": PersonName("لاله", "کریمی"), "en": PersonName("Laleh", "Karimi")},
            company="Clinic",
            city="Shiraz",
            tags=("doctor",),
            phones=(PHONE,),
        ),
        7.0,
    )

    assert len((await list_customers(database, search=typed)).rows) == 1


@pytest.mark.parametrize(
    "typed", ["nobody", "karimi nobody", "%", "_", "\\", "' OR 1=1 --", "0000"]
)
async def test_text_on_no_file_finds_no_customer(database: Database, typed: str) -> None:
    await create_customer(database, draft("Karimi", PHONE), 7.0)

    assert (await list_customers(database, search=typed)).rows == ()


async def test_greek_is_found_without_accents_and_final_sigma(database: Database) -> None:
    await create_customer(database, draft("Παπαδόπουλος", given="Νίκος", language="el"), 7.0)

    assert len((await list_customers(database, search="ΠΑΠΑΔΟΠΟΥΛΟΣ νικοσ")).rows) == 1


async def test_pages_follow_each_other_without_gap_or_repeat(database: Database) -> None:
    for number in range(7):
        await create_customer(database, draft(f"Family{number}"), 7.0)

    seen, after = [], None
    while True:
        page = await list_customers(database, after=after, limit=3)
        seen += [row.customer.names["en"].family for row in page.rows]
        after = page.after
        if after is None:
            break

    assert seen == [f"Family{number}" for number in range(6, -1, -1)]


async def test_a_nameless_customer_is_refused(database: Database) -> None:
    with pytest.raises(CustomerRefusedError) as refused:
        await create_customer(database, draft("", given=" ".strip()), 7.0)

    assert refused.value.code == "no_name"
    assert await count_customers(database) == 0


async def test_a_new_number_takes_its_past_calls_along(database: Database) -> None:
    database.log.start()
    database.log.keep(finished_call("1.1"))
    database.log.keep(finished_call("1.2", caller=NIKOS))
    await database.log.flush()
    customer_id = await create_customer(database, draft(), 7.0)

    assert await link_phone(database, customer_id, PHONE, 8.0) == 1

    assert [
        call.call for call in (await list_calls(database, CallFilter(customer=customer_id))).calls
    ] == ["1.1"]
    [row] = (await list_customers(database, search="0912 345")).rows
    assert row.customer.id == customer_id
    [file] = (await look_up(database, LALEH)).exact
    assert len(file.calls) == 1


async def test_calls_of_a_shared_number_stay_of_no_customer(database: Database) -> None:
    await add_customer(database, "Other", LALEH)
    database.log.start()
    database.log.keep(finished_call())
    await database.log.flush()

    customer_id = await create_customer(database, draft("Karimi", PHONE), 7.0)

    assert (await list_calls(database, CallFilter(customer=customer_id))).calls == ()


async def test_the_same_number_twice_is_refused_and_changes_nothing(database: Database) -> None:
    customer_id = await create_customer(database, draft("Karimi", PHONE), 7.0)

    with pytest.raises(CustomerRefusedError) as refused:
        await link_phone(database, customer_id, PHONE, 8.0)

    assert refused.value.code == "number_there"
    detail = await load_customer_detail(database, customer_id)
    assert detail is not None
    assert len(detail.numbers) == 1


async def test_a_number_given_twice_in_one_draft_is_kept_once(database: Database) -> None:
    customer_id = await create_customer(
        database, draft("Karimi", PHONE, PhoneDraft("+98912...", LALEH.e164, "1", "work")), 7.0
    )

    detail = await load_customer_detail(database, customer_id)
    assert detail is not None
    assert [phone.phone.label for phone in detail.numbers] == ["mobile"]


async def test_a_number_taken_away_is_not_found_any_more(database: Database) -> None:
    customer_id = await create_customer(database, draft("Karimi", PHONE), 7.0)
    detail = await load_customer_detail(database, customer_id)
    assert detail is not None
    phone = detail.numbers[0].id

    assert await unlink_phone(database, CustomerId(customer_id + 1), phone, 8.0) is False
    assert await unlink_phone(database, customer_id, phone, 8.0) is True

    assert (await list_customers(database, search="0912345")).rows == ()
    assert (await look_up(database, LALEH)).exact == ()


async def test_a_changed_customer_is_found_under_the_new_name_and_the_old_number(
    database: Database,
) -> None:
    customer_id = await create_customer(database, draft("Karimi", PHONE), 7.0)

    await update_customer_fields(
        database, customer_id, {"names": draft("Moradi").names}, user_id=None, now=8.0
    )

    assert (await list_customers(database, search="karimi")).rows == ()
    [row] = (await list_customers(database, search="moradi 0912")).rows
    assert row.phones[0].phone.e164 == LALEH.e164


async def test_a_missing_customer_cannot_be_changed(database: Database) -> None:
    for change in (
        update_customer_fields(
            database, CustomerId(9), {"names": draft().names}, user_id=None, now=8.0
        ),
        link_phone(database, CustomerId(9), PHONE, 8.0),
    ):
        with pytest.raises(CustomerRefusedError) as refused:
            await change
        assert refused.value.code == "unknown_customer"


async def test_text_that_no_database_takes_is_mended_not_refused(database: Database) -> None:
    raw = PhoneDraft("09\x0012", E164("+989120000001"), "120000001")
    customer_id = await create_customer(database, draft("Ka\x00ri\ud800mi", raw), 7.0)

    detail = await load_customer_detail(database, customer_id)

    assert detail is not None
    assert detail.customer.names["en"].family == "Ka\ufffdri\ufffdmi"
