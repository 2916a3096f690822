"""The demo's invented people, users and call log."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path

import phonenumbers
import pytest

from screenpop.accounts.users import Role, UserId
from screenpop.calls.labels import LabelKind
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.match import Sureness, match_caller
from screenpop.customers.models import CaseKind, CaseState, CustomerId, TripStatus, VisaState
from screenpop.customers.own_fields import OwnKind
from screenpop.customers.own_values import is_valid
from screenpop.demo.busy_calls import CALLS_A_DAY, busy_calls
from screenpop.demo.customers import demo_customers
from screenpop.demo.fixtures import DEMO_REGIONS, demo_phone
from screenpop.demo.seed import DEMO_PASSWORD, DEMO_USERS, DEMO_ZONE, seed_demo
from screenpop.demo.showcase_customers import showcase_customers
from screenpop.follow_ups.callbacks import AttemptKind, ReasonCode, reasons_of
from screenpop.loyalty.value import ChanceWord
from screenpop.scoring.run import score_office
from screenpop.store.accounts.users import list_agents, verify_login
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.number_quality import (
    NumberProblem,
    count_problems,
    list_unusable_numbers,
)
from screenpop.store.customers.queries import list_customers
from screenpop.store.engine.database import Database, opened
from screenpop.store.follow_ups.callback_times import list_callback_times
from screenpop.store.follow_ups.callbacks import list_callbacks
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.value.queries import load_value
from screenpop.store.value.tier_rules import list_versions
from screenpop.telephony.identifiers import Endpoint, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve
from tests.store.samples import count_customers, look_up

TODAY = date(2026, 11, 22)
NOW = 1_795_000_000.0


def test_the_same_seed_and_day_give_the_same_people() -> None:
    assert demo_customers(TODAY, 120) == demo_customers(TODAY, 120)
    assert demo_customers(TODAY, 120, seed=7) != demo_customers(TODAY, 120)


@pytest.mark.parametrize("count", [1, 12, 300])
def test_as_many_people_come_as_were_asked_for(count: int) -> None:
    assert len(demo_customers(TODAY, count)) == count


def test_every_number_of_the_demo_is_a_valid_one() -> None:
    for person in demo_customers(TODAY, 200):
        for phone in person.draft.phones:
            if phone.e164 is not None:
                assert phonenumbers.is_valid_number(phonenumbers.parse(phone.e164))


def test_a_number_is_shared_only_inside_a_household() -> None:
    people = demo_customers(TODAY, 300)
    homes: dict[str | None, set[str]] = {}
    for person in people:
        for phone in filter(lambda phone: phone.e164, person.draft.phones):
            homes.setdefault(phone.e164, set()).add(person.draft.household or repr(person))

    assert max(len(households) for households in homes.values()) == 1
    shared = Counter(p.e164 for person in people for p in person.draft.phones if p.e164)
    assert sum(count > 1 for count in shared.values()) > 5


def test_people_of_all_three_languages_have_their_names_in_two_scripts() -> None:
    people = demo_customers(TODAY, 300)
    languages = Counter(person.draft.language for person in people)

    assert set(languages) == {"fa", "el", "en"}
    for person in people:
        assert {person.draft.language, "en"} == set(person.draft.names)


def test_a_word_that_is_not_a_number_is_no_phone_of_the_demo() -> None:
    with pytest.raises(ValueError, match="not a valid number"):
        demo_phone("12345", "GR")


@pytest.mark.parametrize("today", [date(2024, 2, 28), date(2026, 2, 27), date(2026, 12, 31)])
def test_the_leading_parts_are_there_on_any_day_of_the_year(today: date) -> None:
    parts = showcase_customers(today)
    by_name = {person.draft.names["en"].full: person for person in parts}

    laleh = by_name["Laleh Karimi"]
    assert (laleh.trips[0].departs, laleh.draft.balance) == (
        date.fromordinal(today.toordinal() + 3),
        480,
    )
    assert by_name["Mina Ahmadi"].draft.birthday is not None
    assert by_name["Eleni Antoniou"].cases[0].kind is CaseKind.COMPLAINT
    assert by_name["Eleni Antoniou"].cases[0].state is CaseState.OPEN
    assert by_name["Nazanin Hashemi"].trips[0].visa is VisaState.PENDING
    assert by_name["Arash Nouri"].trips[0].returns == date.fromordinal(today.toordinal() - 2)
    assert by_name["Katerina Vlachou"].trips[0].status is TripStatus.TICKETED
    assert by_name["Margaret Ellison"].draft.vip
    assert by_name["Spyros Lamprou"].draft.company == "Aegean Lines"
    assert all(person.shows for person in parts)


@pytest.mark.anyio
async def test_an_empty_database_is_filled_once(database: Database) -> None:
    assert await seed_demo(database, today=TODAY, now=NOW, people=60) is True
    assert await seed_demo(database, today=TODAY, now=NOW, people=60) is False

    assert await count_customers(database) == 60
    page = await list_calls(database, CallFilter(simulated=True), limit=500)
    past = [call for call in page.calls if "callback" not in call.call]
    assert len(past) == 168
    assert all(call.customer is not None for call in past)
    talked = [call for call in past if call.disposition == "answered"]
    assert all(call.agent_name for call in talked)
    assert 0.85 < sum(call.before_pickup is True for call in talked) / len(talked) < 1
    assert {call.queue for call in talked} == {"sales", "support"}
    assert sum(LabelKind.PURPOSE in call.labels for call in talked) > len(talked) / 2
    assert await list_versions(database)


@pytest.mark.anyio
async def test_the_demo_has_callbacks_of_every_kind(database: Database) -> None:
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC).timestamp()
    await seed_demo(database, today=TODAY, now=now, people=300)
    database.log.start()
    page = await list_callbacks(database, now, TODAY)
    codes = {reason.code for row in page.rows for reason in reasons_of(row.facts, TODAY, now)}
    assert codes >= {ReasonCode.PROMISE, ReasonCode.TRIP_SOON, ReasonCode.TIER, ReasonCode.WAITING}
    assert {row.customer is None for row in page.rows} == {True, False}
    assert any(row.attempts[0].call.withheld for row in page.rows)
    numbers = [{attempt.call.e164 for attempt in row.attempts} for row in page.rows]
    assert any(len(some) == 2 for some in numbers)
    kinds = {attempt.kind for row in page.rows for attempt in row.attempts}
    assert kinds >= {AttemptKind.CLOSED, AttemptKind.VOICEMAIL, AttemptKind.ABANDONED}
    times = await list_callback_times(database, now - 86_400, now)
    assert sorted(round(one.seconds) for one in times) == [246, 426, 1506]


def test_calls_are_answered_on_each_day_and_today_until_now() -> None:
    people = demo_customers(TODAY, 90)
    pairs = [(CustomerId(place), person) for place, person in enumerate(people)]
    agents = {Endpoint("101"): UserId(1), Endpoint("102"): UserId(2)}
    midnight = datetime.combine(TODAY, time(), DEMO_ZONE).timestamp()
    for hours, most in ((0, 0), (0.05, 0), (5, CALLS_A_DAY // 2), (16, CALLS_A_DAY)):
        now = midnight + hours * 3600
        begun = [
            call.entry.arrived_at
            for call in busy_calls(pairs, agents, TODAY, now, DEMO_ZONE, seed=7)
            if call.entry.answered_by and all(card.before_pickup for card in call.painted)
        ]
        assert begun == sorted(begun)
        assert all(at < now for at in begun)
        assert most * 0.7 <= sum(at >= midnight for at in begun) <= most
        assert sum(at < midnight for at in begun) > 8 * CALLS_A_DAY
    assert not list(busy_calls(pairs[:70], agents, TODAY, NOW, DEMO_ZONE, seed=7))


@pytest.mark.anyio
async def test_the_demo_users_log_in_at_their_phones(database: Database) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=13)

    roles = {}
    for person in DEMO_USERS:
        user = await verify_login(database, person.username, DEMO_PASSWORD)
        assert user is not None
        roles[user.username] = user.role
    assert roles["sara"] is Role.SUPERVISOR
    assert roles["admin"] is Role.ADMIN
    endpoints_of = {agent.username: agent.endpoints for agent in await list_agents(database)}
    assert endpoints_of == {"maryam": ("101",), "eleni": ("102",), "nikos": ("103",)}


@pytest.mark.anyio
async def test_a_call_from_a_leading_part_finds_exactly_that_one(database: Database) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=60)
    tehran, athens = NumberPlan(Region("IR"), "21"), NumberPlan(Region("GR"), "210")

    laleh = resolve("09123456789", plan=tehran)
    match = match_caller(laleh, await look_up(database, laleh))
    assert match.sure is Sureness.CERTAIN
    assert match.customer is not None
    assert match.customer.customer.names["en"].full == "Laleh Karimi"
    assert len(match.customer.trips) == 6

    nikos = resolve("6912345678", plan=athens)
    assert len((await look_up(database, nikos)).exact) == 1
    home = resolve("88776655", plan=tehran)
    assert len((await look_up(database, home)).exact) == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("raw", "region", "traveller", "destination", "buyer"),
    [
        ("0935 470 3344", "IR", "Dorsa Rostami", "پاریس", "Shirin Rostami"),
        ("694 452 1181", "GR", "Alexandros Georgiou", "Λονδίνο", "Maria Stavridou"),
        ("07400 812345", "GB", "Thomas Reid", "Athens", "Olivia Grant"),
    ],
)
async def test_a_traveller_of_the_demo_has_the_trip_booked_by_another_customer(
    database: Database, raw: str, region: str, traveller: str, destination: str, buyer: str
) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=19)

    caller = resolve(raw, plan=NumberPlan(Region(region)))
    [file] = (await look_up(database, caller)).exact
    assert file.customer.names["en"].full == traveller
    newest = file.trips[0]
    assert newest.destination == destination
    assert newest.buyer is not None
    assert newest.buyer.names["en"].full == buyer


@pytest.mark.anyio
async def test_a_demo_customer_opens_with_trips_cases_and_calls(database: Database) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=13)
    [row] = (await list_customers(database, search="αντωνιου")).rows

    detail = await load_customer_detail(database, row.customer.id)

    assert detail is not None
    assert len(detail.trips) == 2
    assert [case.case.state for case in detail.cases] == [CaseState.CLOSED, CaseState.OPEN]
    assert detail.calls


@pytest.mark.anyio
async def test_some_have_old_numbers_that_would_have_named_a_caller(database: Database) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=300)

    def understand(raw: str, language: str) -> PhoneDraft:
        return demo_phone(raw, DEMO_REGIONS[language])

    counts = await count_problems(database)
    assert counts[NumberProblem.NO_COUNTRY] > 2
    assert counts[NumberProblem.UNPARSEABLE] > 0
    page = await list_unusable_numbers(database, NumberProblem.NO_COUNTRY, understand, now=NOW)
    assert all(row.mended is not None and row.gain > 0 for row in page.rows)


@pytest.mark.anyio
async def test_some_customers_have_values_of_the_two_own_fields(database: Database) -> None:
    await seed_demo(database, today=TODAY, now=NOW, people=60)
    fields = await list_own_fields(database)
    assert [(one.kind, one.on_card) for one in fields] == [
        (OwnKind.CHOICE, True),
        (OwnKind.TEXT, False),
    ]
    rows = (await list_customers(database, search="pasdaran", notes=True)).rows
    assert rows == ()
    rows = (await list_customers(database, search="پاسداران", notes=True)).rows
    assert rows
    file = await load_customer_detail(database, rows[0].customer.id)
    assert file is not None
    assert all(is_valid(one, file.own[one.key]) for one in fields)


@pytest.mark.anyio
async def test_the_demo_has_a_past_from_which_chances_are_predicted(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "demo.db")
    async with opened(f"sqlite:///{tmp_path / 'demo.db'}") as database:
        await seed_demo(database, today=TODAY, now=NOW, people=500)
        result = (await score_office(database, TODAY, [], NOW)).result
        assert result.best == "hazard"
        assert len(result.dates) == 8
        ids = [row.customer.id for row in (await list_customers(database, limit=200)).rows]
        values = [await load_value(database, one) for one in ids]
    words = Counter(one.chance_word for one in values if one is not None)
    assert min(words[ChanceWord.LIKELY], words[ChanceWord.POSSIBLE]) > 5
    assert len({one.stage for one in values if one is not None}) > 5
