"""What became of offers: first calls, answers, bookings within the days, chances by tier."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from screenpop.accounts.users import UserId
from screenpop.agents.roster import Roster
from screenpop.app.office_offers import ESTIMATE_S, OfferKeeper
from screenpop.conditions.tree import Compare, Op
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.customers.retention import RetentionRules
from screenpop.offers.acceptance import Answered
from screenpop.offers.lift import Share
from screenpop.offers.office_offer import OfferId, suggestion_id
from screenpop.offers.outcomes import OfferOutcome, sum_up
from screenpop.service.config import ServiceConfig
from screenpop.service.office_offers import OffersInUse
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep, OfferShownToKeep
from screenpop.service.staff import build_staff
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.trips_edit import add_trip, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.offers.outcomes import OutcomeFilter, count_answered, load_outcomes
from screenpop.store.offers.saved import (
    OfferRefusedError,
    add_offer,
    delete_offer,
    list_offers,
)
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.tables import customers
from screenpop.store.segments.found import Wanted
from screenpop.store.trip_board.changes import move_trip
from screenpop.telephony.identifiers import CallId
from tests.service.service_under_test import PLAN
from tests.store.offers.test_offers import keep, terms
from tests.store.retention import delete_old
from tests.store.samples import add_customer, finished_call

pytestmark = pytest.mark.anyio
DAY_S = 86_400.0
FIRST = date(2026, 6, 1)
TODAY = date(2026, 11, 30)
WANTED = OutcomeFilter(FIRST, TODAY, 30, TODAY, UTC)


def at(days: int, hour: int = 9) -> float:
    return datetime(2026, 6, 1, hour, tzinfo=UTC).timestamp() + days * DAY_S


def call(
    customer_id: CustomerId,
    offer: OfferId,
    days: int,
    answer: str = "",
    *,
    why: str = "",
    withheld: bool = False,
    number: int = 0,
) -> LoggedCall:
    """A call on a day after the first, about one offer."""
    record = finished_call(customer=customer_id, arrived_at=at(days))
    entry = replace(record.entry, call=CallId(f"{at(days)}.{customer_id}{number}"))
    suggestion, agent = suggestion_id(offer), UserId(0)
    if answer:
        given = OfferAnswerToKeep(
            customer_id, suggestion, answer, {}, agent, "Maryam", at(days), why
        )
        return replace(record, entry=entry, offer_answers=(given,))
    shown = OfferShownToKeep(customer_id, suggestion, withheld, agent, "Maryam", at(days))
    return replace(record, entry=entry, offers_shown=(shown,))


async def add(database: Database) -> OfferId:
    return await add_offer(database, terms(), user_id=None, now=at(0), active=True)


async def outcomes(database: Database, **more: object) -> dict[int, OfferOutcome]:
    found = await load_outcomes(database, replace(WANTED, **more))  # type: ignore[arg-type]
    return {one.customer_id: one for one in found}


async def book(
    database: Database,
    customer_id: CustomerId,
    days: int,
    status: TripStatus = TripStatus.BOOKED,
    departs: date | None = date(2026, 12, 24),
) -> int:
    given = {"destination": "Rome", "status": status.value, "departs": departs}
    return await add_trip(database, customer_id, given, user_id=None, now=at(days))


async def test_an_offer_without_an_answer_is_kept_and_is_no_answer(
    database: Database,
) -> None:
    number = await add(database)
    first, second = [await add_customer(database, "Karimi") for _ in range(2)]
    await keep(database, call(first, number, 0), call(second, number, 0, withheld=True))
    found = await outcomes(database)
    assert [found[first].is_withheld, found[second].is_withheld] == [False, True]
    [saved] = await list_offers(database)
    assert saved.answers == {}
    detail = await load_customer_detail(database, first)
    assert detail is not None
    assert detail.offers == ()
    with pytest.raises(OfferRefusedError):
        await delete_offer(database, number)
    # Neither retention of traces nor of calls takes them; the person's whole file has them.
    await delete_old(database, RetentionRules(calls_days=30, traces_days=30), at(400))
    assert len(await outcomes(database)) == 2
    whole = await subject_access_report(database, second)
    assert whole is not None
    assert [one["answer"] for one in whole["offer_answers"]] == ["withheld"]
    await erase_customer(database, second, user_id=None, now=at(1))
    assert set(await outcomes(database)) == {first}


async def test_a_record_that_comes_again_with_an_answer_replaces_the_one_without(
    database: Database,
) -> None:
    number = await add(database)
    customer_id = await add_customer(database, "Karimi")
    await keep(
        database, call(customer_id, number, 0), call(customer_id, number, 0, "no", why="price")
    )
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(offer_answers)) == 1
    found = (await outcomes(database))[customer_id]
    assert (found.answer, found.why, found.calls) == ("no", "price", 1)
    assert found.answered_on == FIRST


async def test_the_first_call_decides_whether_a_customer_is_control(database: Database) -> None:
    number = await add(database)
    once, later = [await add_customer(database, "Karimi") for _ in range(2)]
    await keep(
        database,
        call(once, number, 0, withheld=True),
        call(once, number, 9, "accepted"),
        call(later, number, 0),
        call(later, number, 5),
        call(later, number, 9, withheld=True),
    )
    found = await outcomes(database)
    assert (found[once].is_withheld, found[later].is_withheld) == (True, False)
    assert found[later].calls == 2
    assert (await outcomes(database, first=FIRST + timedelta(1))) == {}


@pytest.mark.parametrize(
    ("days", "status", "departs", "is_booking"),
    [
        (0, TripStatus.BOOKED, None, True),
        (30, TripStatus.TICKETED, date(2026, 12, 24), True),
        (31, TripStatus.BOOKED, None, False),
        (-1, TripStatus.BOOKED, None, False),
        (3, TripStatus.ASKED, None, False),
        (3, TripStatus.QUOTED, None, False),
        (3, TripStatus.CANCELLED, None, False),
        (3, TripStatus.TRAVELLED, date(2026, 5, 31), False),
        (3, TripStatus.TRAVELLED, FIRST, True),
    ],
)
async def test_a_trip_booked_within_the_days_is_a_booking(
    database: Database, days: int, status: TripStatus, departs: date | None, is_booking: bool
) -> None:
    number = await add(database)
    customer_id = await add_customer(database, "Karimi")
    await keep(database, call(customer_id, number, 0))
    await book(database, customer_id, days, status, departs)
    found = (await outcomes(database))[customer_id]
    assert found.booked_on == (FIRST + timedelta(days) if is_booking else None)


async def test_a_booking_counts_from_the_day_it_became_one(database: Database) -> None:
    """Later states keep the day; one that was cancelled is booked anew."""
    number = await add(database)
    customer_id = await add_customer(database, "Karimi")
    await keep(database, call(customer_id, number, 0))
    trip = await book(database, customer_id, 2, TripStatus.ASKED)
    assert (await outcomes(database))[customer_id].booked_on is None
    await update_trip(database, trip, {"status": "booked"}, user_id=None, now=at(10))
    await update_trip(database, trip, {"status": "ticketed"}, user_id=None, now=at(60))
    assert (await outcomes(database))[customer_id].booked_on == FIRST + timedelta(10)
    await update_trip(database, trip, {"status": "cancelled"}, user_id=None, now=at(61))
    assert (await outcomes(database))[customer_id].booked_on is None
    await move_trip(database, trip, TripStatus.BOOKED, version=4, user_id=None, now=at(62))
    assert (await outcomes(database))[customer_id].booked_on is None
    assert (await outcomes(database, within_days=62))[customer_id].booked_on == FIRST + timedelta(
        62
    )


@pytest.mark.parametrize(("days_ago", "is_counted"), [(30, False), (31, True)])
async def test_a_customer_counts_for_the_lift_once_the_days_have_passed(
    database: Database, days_ago: int, is_counted: bool
) -> None:
    number = await add(database)
    customer_id = await add_customer(database, "Karimi")
    await keep(database, call(customer_id, number, (TODAY - FIRST).days - days_ago))
    assert (await outcomes(database))[customer_id].is_counted is is_counted


async def test_the_lift_is_that_of_the_two_groups(database: Database) -> None:
    number, other = await add(database), await add(database)
    people = [await add_customer(database, "Karimi") for _ in range(12)]
    for place, customer_id in enumerate(people):
        await keep(database, call(customer_id, number, place, withheld=place >= 8))
    for customer_id in [*people[:4], people[8]]:
        await book(database, customer_id, 15)
    figures = sum_up(await load_outcomes(database, WANTED))[suggestion_id(number)]
    assert (figures.of_offered, figures.of_withheld) == (Share(4, 8), Share(1, 4))
    assert figures.lift is not None
    assert figures.lift.difference == pytest.approx(0.25)
    assert figures.lift.low < 0 < figures.lift.high
    assert await load_outcomes(database, replace(WANTED, offers={other})) == []


async def test_calls_are_counted_by_offer_and_tier_without_those_withheld(
    database: Database,
) -> None:
    number = await add(database)
    plain, gold = [await add_customer(database, "Karimi") for _ in range(2)]
    async with database.writing() as connection:
        await connection.execute(
            update(customers).where(customers.c.id == gold).values(tier="gold")
        )
    await keep(
        database,
        call(plain, number, 0),
        call(plain, number, 1, "later"),
        call(gold, number, 2, "accepted"),
        call(gold, number, 3, withheld=True),
    )
    assert await count_answered(database, at(0)) == {
        (number, "none"): Answered(2, 0),
        (number, "gold"): Answered(1, 1),
    }
    assert await count_answered(database, at(2)) == {(number, "gold"): Answered(1, 1)}
    silver_or_none = Compare("tier", Op.IS_ANY, ("none", "silver"))
    among = Wanted(silver_or_none, TODAY, UTC)
    assert await count_answered(database, at(0), among) == {(number, "none"): Answered(2, 0)}


def keeper(
    database: Database, clock: Callable[[], float], *, draws: bool = False
) -> tuple[OfferKeeper, OffersInUse]:
    config = ServiceConfig(build_staff((), Roster()), TrunkLines(PLAN), today=lambda _: TODAY)
    return OfferKeeper(database, config, clock, draws_new=draws), config.offers


async def test_cards_use_chances_that_are_estimated_anew_each_hour(database: Database) -> None:
    number = await add(database)
    customer_id = await add_customer(database, "Karimi")
    now = at(200)
    keeps, offers = keeper(database, lambda: now)
    await keeps.reload()
    [found] = offers.compiled.offers
    assert (found.chance("none"), found.drawn) == (10, None)
    for place in range(8):
        await keep(database, call(customer_id, number, place, "accepted", number=place))
    await keeps.reload()
    assert offers.compiled.offers[0].chance("none") == 10
    now += ESTIMATE_S
    await keeps.reload()
    assert (offers.compiled.offers[0].chance("none") or 0) > 40


async def test_a_new_offer_ranks_by_a_drawn_chance_where_the_office_wants_it(
    database: Database,
) -> None:
    number = await add(database)
    known = await add(database)
    customer_id = await add_customer(database, "Karimi")
    for place in range(31):
        await keep(database, call(customer_id, known, place, number=place))
    keeps, offers = keeper(database, lambda: at(200), draws=True)
    await keeps.reload()
    drawn = {one.id: one.drawn for one in offers.compiled.offers}
    assert drawn[number] is not None
    assert drawn[known] is None


async def test_outcomes_go_along_with_a_merge(database: Database) -> None:
    number = await add(database)
    stays, goes = [await add_customer(database, "Karimi") for _ in range(2)]
    await keep(database, call(goes, number, 0, withheld=True), call(stays, number, 3))
    await merge_customers(database, stays, goes, user_id=None, now=at(4))
    found = await outcomes(database)
    assert set(found) == {stays}
    assert found[stays].is_withheld
