"""Numbers of customers: linked, fixed, shared, read anew."""

import pytest

from screenpop.customers.contact_input import phone_draft
from screenpop.customers.draft import PhoneDraft
from screenpop.store.customers.number_links import link_number
from screenpop.store.customers.number_quality import (
    PAGE,
    NumberProblem,
    count_problems,
    list_unusable_numbers,
)
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
)
from screenpop.store.engine.database import Database
from screenpop.store.search.maintenance import bring_up_to_date
from screenpop.store.search.renumber import renumber_if_outdated
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.number_plan import NumberPlan
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.samples import LALEH, finished_call, look_up

pytestmark = pytest.mark.anyio


async def test_a_linked_number_takes_its_calls_along_and_is_remembered(database: Database) -> None:
    database.log.start()
    database.log.keep(finished_call("1.1"))
    await database.log.flush()
    customer_id = await create_customer(database, draft("Karimi"), 1.0)

    assert await link_number(database, customer_id, HERS, user_id=None, now=2.0) == 1
    assert await link_number(database, customer_id, HERS, user_id=None, now=3.0) == 0

    [number] = (await file_of(database, customer_id)).numbers
    assert (number.phone.e164, number.chosen) == (LALEH.e164, customer_id)


async def test_a_number_that_could_not_be_parsed_is_mended_by_linking_it(
    database: Database,
) -> None:
    customer_id = await create_customer(
        database, draft("Karimi", PhoneDraft("912345 6789 home", None, LALEH.last_nine)), 1.0
    )

    await link_number(database, customer_id, HERS, user_id=None, now=2.0)

    [number] = (await file_of(database, customer_id)).numbers
    assert (number.phone.e164, number.phone.raw) == (LALEH.e164, "912345 6789 home")


async def test_a_number_twice_on_one_file_is_refused_there_too(database: Database) -> None:
    customer_id = await create_customer(database, draft("Karimi", HERS), 1.0)
    with pytest.raises(CustomerRefusedError):
        await link_phone(database, customer_id, HERS, 2.0)


async def test_the_customer_chosen_of_several_is_known_at_the_next_call(database: Database) -> None:
    one = await create_customer(database, draft("Karimi", HERS), 1.0)
    two = await create_customer(database, draft("Karimi", HERS, given="Nima"), 1.0)
    assert (await look_up(database, LALEH)).chosen is None

    await link_number(database, two, HERS, user_id=None, now=2.0)

    record = await look_up(database, LALEH)
    assert record.chosen == two
    assert {file.customer.id for file in record.exact} == {one, two}


def read_as_iranian(raw: str, _language: str = "") -> PhoneDraft:
    return phone_draft(raw, NumberPlan(region=Region("IR")))


async def test_a_number_without_its_country_is_found_with_the_gain_of_mending_it(
    database: Database,
) -> None:
    database.log.start()
    for number in range(3):
        database.log.keep(finished_call(f"1.{number}", arrived_at=1_700_000_000.0 + number))
    await database.log.flush()
    bare = PhoneDraft("9123456789 x", None, LALEH.last_nine)
    customer_id = await create_customer(
        database, draft("Karimi", bare, PhoneDraft("ask", None, None)), 1.0
    )
    await create_customer(database, draft("Moradi", HIS), 1.0)
    await create_customer(database, draft("Moradi", HIS, given="Nima"), 1.0)

    counts = await count_problems(database)
    page = await list_unusable_numbers(
        database,
        NumberProblem.NO_COUNTRY,
        lambda _raw, language: read_as_iranian("09123456789", language),
        now=1_700_000_100.0,
    )

    assert counts == {
        NumberProblem.UNPARSEABLE: 1,
        NumberProblem.NO_COUNTRY: 1,
        NumberProblem.SHARED: 2,
        NumberProblem.DUPLICATE: 0,
    }
    [weak] = page.rows
    assert (weak.person.id, weak.raw, weak.gain) == (customer_id, "9123456789 x", 3)
    assert weak.mended is not None
    assert weak.mended.e164 == LALEH.e164


async def test_numbers_are_read_anew_once_when_the_library_knows_more(database: Database) -> None:
    old = PhoneDraft("0912 345 6789", None, LALEH.last_nine)
    customer_id = await create_customer(database, draft("Karimi", old), 1.0)
    other = await create_customer(database, draft("Both", old, HERS), 1.0)
    athens = PhoneDraft("210 321 4455", E164("+302103214455"), "103214455")
    greek = await create_customer(database, draft("Greek", athens), 1.0)

    assert await renumber_if_outdated(database, "10.1", read_as_iranian) == 1
    assert await renumber_if_outdated(database, "10.1", read_as_iranian) == 0

    assert [one.phone.e164 for one in (await file_of(database, customer_id)).numbers] == [
        LALEH.e164
    ]
    assert {one.phone.e164 for one in (await file_of(database, other)).numbers} == {
        None,
        LALEH.e164,
    }
    # Read in Tehran it would be another number; it was stored as one of Athens.
    assert [one.phone.e164 for one in (await file_of(database, greek)).numbers] == [athens.e164]


async def test_a_stored_number_of_one_repeated_digit_is_none_after_the_next_start(
    database: Database,
) -> None:
    plan = NumberPlan(Region("IR"))
    placeholder = PhoneDraft("9999999999", E164("+989999999999"), "999999999")
    customer_id = await create_customer(database, draft("Karimi", placeholder), 1.0)

    await bring_up_to_date(database, plan)

    [number] = (await file_of(database, customer_id)).numbers
    assert (number.phone.raw, number.phone.e164) == (
        "9999999999",
        None,
    )


@pytest.mark.parametrize("beyond", [-1, 0, 1])
async def test_a_page_of_numbers_has_fifty_and_the_next_one_the_rest(
    database: Database, beyond: int
) -> None:
    assert PAGE == 50
    bare = [PhoneDraft(f"91234{n:05} x", None, f"1234{n:05}") for n in range(PAGE + beyond)]
    await create_customer(database, draft("Karimi", *bare), 1.0)
    first = await list_unusable_numbers(
        database, NumberProblem.NO_COUNTRY, read_as_iranian, now=1.0
    )
    assert [row.raw for row in first.rows] == [phone.raw for phone in bare[:PAGE]]
    assert (first.after is not None) is (beyond > 0)
    if first.after is not None:
        second = await list_unusable_numbers(
            database, NumberProblem.NO_COUNTRY, read_as_iranian, now=1.0, after=first.after
        )
        assert [row.raw for row in second.rows] == [phone.raw for phone in bare[PAGE:]]
