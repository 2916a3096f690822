"""``/offers/report``: an answer has its line, wrong days are refused, sheets need the right."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from screenpop.conditions.tree import Compare, Op
from screenpop.store.customers.queries import create_customer
from screenpop.store.offers.saved import add_offer
from screenpop.store.privacy.records import list_privacy_records
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.tables import customers
from screenpop.store.segments.saved import Audience, save_segment
from screenpop.web.translations import our_catalogues
from tests.store.customers.drafts import draft
from tests.store.offers.test_offers import keep, terms
from tests.store.offers.test_outcomes import call
from tests.web.offers.test_offer_pages import post
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        database = up.database
        number = await add_offer(
            database, terms(control_percent=20), user_id=None, now=NOON, active=True
        )
        people = [await create_customer(database, draft("Karimi"), NOON) for _ in range(3)]
        await keep(
            database,
            call(people[0], number, 0, "accepted"),
            call(people[1], number, 1, "no", why="price"),
            call(people[2], number, 2, withheld=True),
        )
        yield up


@pytest.mark.parametrize(
    ("language", "accepted", "why"),
    [("en", "Accepted", "Price"), ("fa", "پذیرفت", "قیمت"), ("el", "Δέχτηκε", "Τιμή")],
)
async def test_answers_have_their_line_with_reason_in_the_language_of_the_reader(
    office: Running, language: str, accepted: str, why: str
) -> None:
    catalogue = our_catalogues()[language]
    async with await office.client("adam") as adam:
        await post(adam, "/me", language=language)
        page = (await adam.get("/offers/report?first=2026-06-01&last=2026-11-30")).text
    assert catalogue.gettext("What offers bring") in page
    assert catalogue.gettext("offer_answer.accepted") in page
    assert catalogue.gettext("decline_reason.price") in page
    assert (accepted, why) == (
        catalogue.gettext("offer_answer.accepted"),
        catalogue.gettext("decline_reason.price"),
    )
    assert 'data-answer="accepted"><bdi data-count="1">' in page


async def test_the_api_has_answers_chances_and_lift(office: Running) -> None:
    async with await office.client("adam") as adam:
        found = await adam.get(
            "/api/v1/offers/report", params={"first": "2026-06-01", "last": "2026-11-30"}
        )
        assert found.status_code == 200, found.text
        [one] = found.json()["offers"]
    assert (one["shown"], one["withheld"], one["unanswered"]) == (2, 1, 0)
    assert one["answers"] == {"accepted": 1, "later": 0, "no": 1}
    assert one["reasons"] == {"price": 1}
    assert one["lift"]["low"] < 0 < one["lift"]["high"]
    assert one["chance"]["low"] < one["chance"]["chance"] < one["chance"]["high"]
    assert one["chances"]["none"]["calls"] == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first=yesterday", "first"),
        ("last=2026-13-01", "last"),
        ("first=2026-11-01&last=2026-10-01", "last"),
        ("first=1999-12-31", "first"),
        ("last=2201-01-01", "last"),
        ("within=31", "within"),
        ("segment=gold", "segment"),
    ],
)
async def test_a_period_that_is_none_is_refused_with_field_value_and_remedy(
    office: Running, query: str, field: str
) -> None:
    async with await office.client("adam") as adam:
        page = await adam.get(f"/offers/report?{query}")
        assert page.status_code == 422
        value = query.rpartition("=")[2]
        assert f"{field}: {value}" in page.text
        refused = await adam.get(f"/api/v1/offers/report?{query}")
        assert refused.status_code == 422
        assert field in refused.text


async def test_the_chance_is_estimated_among_the_customers_of_a_segment(office: Running) -> None:
    condition = Compare("tier", Op.IS_ANY, ("gold",))
    async with office.database.writing() as connection:
        first = select(func.min(offer_answers.c.customer_id)).scalar_subquery()
        golden = update(customers).where(customers.c.id == first)
        await connection.execute(golden.values(tier="gold"))
    kept = ("Families", condition, Audience.SUPERVISORS)
    number = await save_segment(office.database, *kept, user_id=None, now=NOON)
    period = {"first": "2026-06-01", "last": "2026-11-30", "segment": str(number)}
    async with await office.client("adam") as adam:
        [one] = (await adam.get("/api/v1/offers/report", params=period)).json()["offers"]
        assert (one["segment_chance"]["calls"], one["segment_chance"]["accepted"]) == (1, 1)
        assert one["segment_chance"]["chance"] > one["chance"]["chance"]
        page = (await adam.get("/offers/report", params=period)).text
        assert 'id="segment-chances"' in page
        assert "Families" in page
        gone = await adam.get("/api/v1/offers/report", params=period | {"segment": "99"})
        assert gone.status_code == 404
    async with await office.client("alice") as alice:
        hidden = await alice.get("/api/v1/offers/report", params=period)
        assert hidden.status_code == 404


async def test_agents_see_the_report_and_only_those_with_the_right_take_it_along(
    office: Running,
) -> None:
    async with await office.client("alice") as alice:
        page = (await alice.get("/offers/report")).text
        assert "/offers/report/export" not in page
        refused = await post(alice, "/offers/report/export", format="csv")
        assert refused.status_code == 403
    assert await list_privacy_records(office.database) == ()
