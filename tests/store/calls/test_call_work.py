"""Purpose, case and follow-ups of a call are stored once, on both databases."""

import json
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from screenpop.accounts.departments import Section
from screenpop.calls.call_state import CallKey
from screenpop.calls.labels import (
    MAX_ACTIVE,
    CallLabel,
    ChosenLabel,
    LabelId,
    LabelKind,
    check_labels,
)
from screenpop.cards.card import CardId
from screenpop.customers.models import CustomerId, Tier
from screenpop.follow_ups.models import (
    FollowUpId,
    FollowUpRefusedError,
    FollowUpSource,
    NewFollowUp,
)
from screenpop.loyalty.points import PointKind
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.tiers import NextTier
from screenpop.loyalty.value import ChanceWord, CustomerValue
from screenpop.loyalty.vouchers import VoucherKind, VoucherState, VoucherTerms, VoucherWorth
from screenpop.offers.office_offer import OfferTerms, suggestion_id
from screenpop.service.call_work import CallWorkError, WorkPlace
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.calls.label_list import (
    NEW,
    list_labels,
    renumbered,
    save_labels,
)
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database, open_database
from screenpop.store.offers.saved import add_offer
from screenpop.store.points.ledger import add_entry
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.customer_tables import call_labels, call_purposes
from screenpop.store.schema.tables import cases
from screenpop.store.value.rows import write_values
from screenpop.store.vouchers.redeeming import find_voucher
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.samples import LALEH, add_customer, add_user, finished_call

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = 1_772_100_000.0
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("1.1"))


def purpose(number: int, name: str, **values: bool) -> CallLabel:
    rest = {"active": True, "opens_case": False, **values}
    return CallLabel(NEW, {"en": name}, number, rest["active"], rest["opens_case"])


async def office(database: Database) -> tuple[StoredCallWork, WorkPlace, list[LabelId]]:
    """A logged call of a customer, an agent, and three purposes, the last one switched off."""
    async with database.writing() as connection:
        await connection.execute(call_purposes.delete())
    await save_labels(
        database,
        [
            purpose(1, "Booking"),
            purpose(2, "Complaint", opens_case=True),
            purpose(3, "Fax", active=False),
        ],
    )
    customer_id = await add_customer(database, "Karimi", LALEH)
    maryam = (await add_user(database, "maryam", "101")).id
    database.log.start()
    database.log.keep(finished_call("1.1", customer=customer_id))
    sections, card = frozenset({Section.CALLS}), CardId(f"lab/1.1/{maryam}")
    place = WorkPlace(THIS, customer_id, maryam, sections, TODAY, card)
    ids = [one.id for one in await list_labels(database, LabelKind.PURPOSE)]
    return StoredCallWork(database, lambda: NOW), place, ids


def promised(place: WorkPlace, request: str = "r1") -> NewFollowUp:
    return NewFollowUp(
        place.customer_id or CustomerId(0),
        TODAY,
        "send the quote",
        FollowUpSource.CALL,
        place.user_id,
        place.user_id,
        request_key=request,
    )


async def test_the_purpose_of_a_call_is_in_the_log_its_filter_and_the_subject_access_report(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    database.log.keep(finished_call("2.1", customer=place.customer_id))

    assert await work.set_label(place, LabelKind.PURPOSE, ids[1]) == {"purpose": ids[1]}
    assert await work.set_label(place, LabelKind.PURPOSE, ids[0]) == {"purpose": ids[0]}

    [call] = (await list_calls(database, CallFilter(labels={LabelKind.PURPOSE: ids[0]}))).calls
    assert call.call == "1.1"
    assert call.labels == {LabelKind.PURPOSE: ChosenLabel(ids[0], {"en": "Booking"})}
    assert (await list_calls(database, CallFilter(labels={LabelKind.PURPOSE: ids[1]}))).calls == ()
    assert len((await list_calls(database)).calls) == 2
    kept = await subject_access_report(database, place.customer_id or CustomerId(0))
    assert kept is not None
    assert [one["purpose"] for one in kept["calls"]] == [{"en": "Booking"}, None]
    assert await work.set_label(place, LabelKind.PURPOSE, None) == {"purpose": None}
    assert (await list_calls(database, CallFilter(labels={LabelKind.PURPOSE: ids[0]}))).calls == ()


async def test_a_purpose_survives_a_later_record_of_its_call(database: Database) -> None:
    work, place, ids = await office(database)
    await work.set_label(place, LabelKind.PURPOSE, ids[0])
    database.log.keep(finished_call("1.1", customer=place.customer_id, name="Later"))
    await database.log.flush()
    [call] = (await list_calls(database)).calls
    assert call.labels[LabelKind.PURPOSE].id == ids[0]


async def test_an_inactive_or_unknown_purpose_and_an_unlogged_call_are_refused(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    elsewhere = replace(place, call=(THIS[0], THIS[1], CallId("9.9")))
    for here, number, code in (
        (place, ids[2], "unknown_purpose"),
        (place, LabelId(999), "unknown_purpose"),
        (elsewhere, ids[0], "call_not_saved"),
    ):
        with pytest.raises(CallWorkError) as refused:
            await work.set_label(here, LabelKind.PURPOSE, number)
        assert refused.value.code == code


async def test_one_call_opens_one_case_however_often_it_is_asked(database: Database) -> None:
    work, place, ids = await office(database)
    await work.set_label(place, LabelKind.PURPOSE, ids[1])
    first = await work.open_case(place, "The hotel was full")
    assert await work.open_case(place, "Again") == first
    async with database.reading() as connection:
        [case] = await connection.execute(select(cases))
    assert (case.kind, case.state, case.subject, case.opened) == (
        "complaint",
        "open",
        "The hotel was full",
        TODAY,
    )
    loaded = await work.load(place)
    assert (loaded["purpose"], loaded["case"]) == (ids[1], case.id)


async def test_the_card_has_active_purposes_open_follow_ups_and_colleagues(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    await database.log.flush()
    made = await work.make_follow_up(place, promised(place))
    assert await work.make_follow_up(place, promised(place)) == made

    loaded = await work.load(place)

    assert [one["id"] for one in loaded["purposes"]] == ids[:2]  # type: ignore[attr-defined]
    assert loaded["follow_ups"] == [made["follow_up"]]
    colleagues = (await work.load_colleagues())["colleagues"]
    assert colleagues == [{"id": place.user_id, "name": "Maryam"}]
    hidden = await work.load(replace(place, sections=frozenset()))
    assert hidden["follow_ups"] == []


async def test_the_card_has_the_value_where_the_department_sees_trips(database: Database) -> None:
    work, place, _ = await office(database)
    assert (await work.load(place))["value"] is None
    value = CustomerValue(
        place.customer_id or CustomerId(0),
        TODAY,
        stage=Stage.DUE,
        is_top=True,
        next_tier=NextTier(Tier.GOLD, 2),
        chance=62,
        chance_word=ChanceWord.LIKELY,
    )
    await write_values(database, [value], now=NOW)
    seeing = replace(place, sections=frozenset({Section.TRIPS}))
    assert (await work.load(seeing))["value"] == {
        "stage": "due",
        "chance": "likely",
        "rhythm": "",
        "due": None,
        "top": True,
        "sent": 0,
        "next_tier": {"tier": "gold", "trips": 2},
    }
    for other in (
        replace(place, sections=frozenset({Section.CALLS})),
        replace(seeing, customer_id=None),
    ):
        assert (await work.load(other))["value"] is None


async def test_the_card_has_the_balance_of_points_as_it_is_now(database: Database) -> None:
    _, place, _ = await office(database)
    work = StoredCallWork(database, lambda: NOW, are_stamps=True)
    customer = place.customer_id or CustomerId(0)
    assert (await work.load(place))["points"] is None
    for kind, points in ((PointKind.CORRECTED, 5), (PointKind.SPENT, 2)):
        await add_entry(
            *(database, customer, kind, points, "at the desk"),
            today=place.today,
            user_id=None,
            now=NOW,
        )
    # In the same read, without waiting for a run of ``screenpop score``.
    assert (await work.load(place))["points"] == {"balance": 3, "called": "stamps"}


async def test_the_card_shows_what_was_committed_before_it_was_read(
    database: Database, url: str
) -> None:
    work, place, ids = await office(database)
    await work.load(place)  # the lists are kept from here on

    other = open_database(url)  # as another process has it
    try:
        nikos = (await add_user(other, "nikos", "103")).id
        booking, *_ = await list_labels(other, LabelKind.PURPOSE)
        await save_labels(other, [replace(booking, names={"en": "New"})])
        await StoredCallWork(other, lambda: NOW).make_follow_up(place, promised(place))
    finally:
        await other.close()
    await work.set_label(place, LabelKind.PURPOSE, ids[1])

    loaded = await work.load(place)

    assert [one["names"] for one in loaded["purposes"]] == [{"en": "New"}, {"en": "Complaint"}]  # type: ignore[attr-defined]
    colleagues = (await work.load_colleagues())["colleagues"]
    assert nikos in [one["id"] for one in colleagues]  # type: ignore[attr-defined]
    assert len(loaded["follow_ups"]) == 1  # type: ignore[arg-type]
    assert loaded["purpose"] == ids[1]


async def test_the_card_of_another_call_or_customer_has_none_of_its_records(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    await work.set_label(place, LabelKind.PURPOSE, ids[0])
    await work.make_follow_up(place, promised(place))
    pbx, boot, linkedid = THIS
    for call in (
        (PbxId("other"), boot, linkedid),
        (pbx, BootId("other"), linkedid),
        (pbx, boot, CallId("other")),
    ):
        loaded = await work.load(replace(place, call=call, customer_id=None))
        assert (loaded["purpose"], loaded["follow_ups"]) == (None, []), call


async def test_the_card_has_its_lists_while_the_kept_connection_fails(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    await work.set_label(place, LabelKind.PURPOSE, ids[0])
    if database.inline is None:
        return  # PostgreSQL has no kept connection
    await work.load(place)
    database.inline.ready()
    connection = database.inline._kept
    assert connection is not None
    connection.driver_connection.close()  # type: ignore[union-attr]

    loaded = await work.load(place)

    assert loaded["purpose"] == ids[0]
    assert len(loaded["purposes"]) == 2  # type: ignore[arg-type]


async def test_a_follow_up_is_cancelled_only_by_the_user_it_was_made_by_or_assigned_to(
    database: Database,
) -> None:
    work, place, _ = await office(database)
    made = await work.make_follow_up(place, promised(place))
    number = FollowUpId(made["follow_up"]["id"])  # type: ignore[index]
    other = (await add_user(database, "eleni", "102")).id
    for stranger in (replace(place, user_id=other), replace(place, customer_id=CustomerId(999))):
        with pytest.raises(FollowUpRefusedError):
            await work.cancel_follow_up(stranger, number)
    cancelled = await work.cancel_follow_up(place, number)
    assert cancelled["follow_up"]["state"] == "cancelled"  # type: ignore[index]
    assert (await work.load(place))["follow_ups"] == []


async def test_the_label_of_a_merged_call_moves_unless_the_remaining_call_has_one(
    database: Database,
) -> None:
    work, place, ids = await office(database)
    database.log.keep(finished_call("2.1", customer=place.customer_id))
    database.log.keep(finished_call("3.1", customer=place.customer_id))
    await work.set_label(place, LabelKind.PURPOSE, ids[0])
    await work.set_label(
        replace(place, call=(THIS[0], THIS[1], CallId("3.1"))), LabelKind.PURPOSE, ids[1]
    )

    database.log.merge(THIS, CallId("2.1"))
    database.log.merge((THIS[0], THIS[1], CallId("2.1")), CallId("3.1"))
    await database.log.flush()

    [call] = (await list_calls(database)).calls
    assert (call.call, call.labels[LabelKind.PURPOSE].id) == ("3.1", ids[1])
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(call_labels)) == 1


def test_an_edited_list_is_refused_without_names_or_with_more_than_nine_on_the_card() -> None:
    nine = [purpose(n, f"P{n}") for n in range(1, MAX_ACTIVE + 1)]
    assert check_labels(nine) == ""
    assert check_labels([*nine, purpose(10, "P10", active=False)]) == ""
    assert check_labels([*nine, purpose(10, "P10")]) == "too_many_labels"
    assert check_labels([purpose(1, "")]) == "label_no_name"
    assert check_labels([purpose(1, "n" * 40)]) == ""
    assert check_labels([purpose(1, "n" * 41)]) == "label_name_long"
    assert [one.names["en"] for one in renumbered([nine[2], nine[0]])] == ["P1", "P3"]
    assert [one.position for one in renumbered([nine[2], nine[0]])] == [1, 2]


async def test_the_migration_has_seven_purposes_in_three_languages(migrated_sqlite: Path) -> None:
    with sqlite3.connect(migrated_sqlite) as connection:
        rows = connection.execute(
            "SELECT names, opens_case FROM call_purposes WHERE kind = 'purpose' ORDER BY position"
        ).fetchall()
    assert len(rows) == 7
    assert all({"en", "fa", "el"} <= set(json.loads(names)) for names, _ in rows)
    assert [bool(opens) for _, opens in rows] == [False] * 3 + [True] + [False] * 3


async def test_later_makes_one_follow_up_and_another_answer_cancels_it(database: Database) -> None:
    work, place, _ = await office(database)
    later = replace(promised(place, "later:1"), source=FollowUpSource.OFFER_LATER, offer="loved:3")
    first = await work.answer_offer(place, later, "later")
    assert await work.answer_offer(place, later, "later") == first
    assert (await work.load(place))["follow_ups"] == [first["follow_up"]]

    assert await work.answer_offer(place, later, "no") == {}
    assert (await work.load(place))["follow_ups"] == []
    assert await work.answer_offer(place, later, "later") == first


async def test_accepted_offer_returns_its_voucher_and_another_answer_cancels_it(
    database: Database,
) -> None:
    work, place, _ = await office(database)
    worth = VoucherWorth(kind=VoucherKind.PERCENT, percent=10)
    voucher = VoucherTerms(worth=worth, days=30)
    terms = OfferTerms(name="Rome", words={"en": "Rome?"}, voucher=voucher)
    offer = await add_offer(database, terms, user_id=None, now=NOW)
    answer = promised(place, "later:1")
    answer = replace(answer, source=FollowUpSource.OFFER_LATER, offer=suggestion_id(offer))
    given = await work.answer_offer(place, answer, "accepted")
    assert given["voucher"]["valid_to"] == "2026-03-28"  # type: ignore[index]
    assert await work.answer_offer(place, answer, "accepted") == given
    code = given["voucher"]["code"]  # type: ignore[index]
    assert (await find_voucher(database, code)).customer_id == place.customer_id
    assert await work.answer_offer(place, answer, "no") == {}
    assert (await find_voucher(database, code)).state_on(TODAY) is VoucherState.CANCELLED
    for other in ("loved:3", "offer:99"):
        assert await work.answer_offer(place, replace(answer, offer=other), "accepted") == {}
