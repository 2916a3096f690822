"""Own fields: made, changed with their values, found by the search, and kept when switched off."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from screenpop.customers.own_fields import (
    OwnChoice,
    OwnField,
    OwnFieldProblem,
    OwnFieldRefusedError,
    OwnKind,
    OwnValue,
)
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database
from screenpop.store.own_fields import editing
from screenpop.store.own_fields.editing import count_records
from screenpop.store.own_fields.values import value_of
from screenpop.store.schema.tables import customers
from screenpop.store.search.reindex import reindex_if_outdated
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.own_fields.fields import OFFICE, SIDE, VOUCHER, edit, make, stored

pytestmark = pytest.mark.anyio


async def customer(database: Database, family: str, own: dict[str, OwnValue]) -> int:
    return await create_customer(database, draft(family, HERS, own=own), 1.0)


async def found(database: Database, typed: str, *, notes: bool = True) -> list[str]:
    rows = (await list_customers(database, search=typed, notes=notes)).rows
    return sorted(row.customer.names["en"].family for row in rows)


async def own_of(database: Database, customer_id: int) -> object:
    async with database.reading() as connection:
        rows = await connection.execute(
            select(customers.c.own).where(customers.c.id == customer_id)
        )
        return rows.scalar_one()


async def problem_of(
    database: Database, field: OwnField, moves: dict[int, int | None] | None = None
) -> tuple[OwnFieldProblem, dict[str, str | int]]:
    with pytest.raises(OwnFieldRefusedError) as refused:
        await edit(database, field, moves)
    return refused.value.problem, refused.value.params


async def test_a_customer_is_found_by_texts_and_choices_of_own_fields(database: Database) -> None:
    side, office = await make(database, SIDE), await make(database, OFFICE)
    await customer(database, "Karimi", {side.key: 1, office.key: "Tehran Pasdaran"})
    await customer(database, "Moradi", {side.key: 2})

    assert await found(database, "window") == ["Karimi"]
    assert await found(database, "راهرو") == ["Moradi"]
    assert await found(database, "pasdaran karimi") == ["Karimi"]
    assert await found(database, "pasdaran", notes=False) == []


async def test_a_customer_is_found_by_an_own_field_of_a_trip(database: Database) -> None:
    voucher = await make(database, VOUCHER)
    karimi = await customer(database, "Karimi", {})
    await add_trip(
        database,
        karimi,  # type: ignore[arg-type]
        {"destination": "Rome", "own": {voucher.key: "ZX-9981"}},
        user_id=None,
        now=2.0,
    )

    assert await found(database, "9981", notes=False) == ["Karimi"]
    [trip] = (await file_of(database, karimi)).trips  # type: ignore[arg-type]
    assert trip.own == {voucher.key: "ZX-9981"}


async def test_a_renamed_choice_is_found_by_its_new_name(database: Database) -> None:
    side = await make(database, SIDE)
    await customer(database, "Karimi", {side.key: 1})

    await edit(database, replace(side, choices=(OwnChoice(1, {"en": "Porthole"}), SIDE.choices[1])))

    assert await found(database, "porthole") == ["Karimi"]
    assert await found(database, "window") == []


async def test_with_many_customers_the_maintenance_writes_the_words_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "_MOST_AT_ONCE", 1)
    side = await make(database, SIDE)
    for family in ("Karimi", "Moradi"):
        await customer(database, family, {side.key: 1})
    await reindex_if_outdated(database)

    await edit(database, replace(side, choices=(OwnChoice(1, {"en": "Porthole"}), SIDE.choices[1])))

    assert await found(database, "porthole") == []
    assert await reindex_if_outdated(database) == 2
    assert await found(database, "porthole") == ["Karimi", "Moradi"]


async def test_a_field_that_is_switched_off_keeps_its_values_and_is_not_searched(
    database: Database,
) -> None:
    office = await make(database, OFFICE)
    karimi = await customer(database, "Karimi", {office.key: "Pasdaran"})

    await edit(database, replace(office, active=False))
    assert await found(database, "pasdaran") == []
    assert await own_of(database, karimi) == {office.key: "Pasdaran"}

    await edit(database, office)
    assert await found(database, "pasdaran") == ["Karimi"]


async def test_a_change_of_kind_that_loses_values_is_refused_with_count_and_examples(
    database: Database,
) -> None:
    points = await make(database, OwnField(kind=OwnKind.TEXT, names={"en": "Points"}))
    first = await customer(database, "Karimi", {points.key: "120"})
    await customer(database, "Moradi", {points.key: "many"})

    problem, params = await problem_of(database, replace(points, kind=OwnKind.NUMBER))

    assert problem is OwnFieldProblem.KIND_LOSES
    assert params == {"count": 1, "examples": "many"}
    assert (await stored(database, points.id)).kind is OwnKind.TEXT
    assert await own_of(database, first) == {points.key: "120"}


async def test_a_change_of_kind_converts_all_values(database: Database) -> None:
    points = await make(database, OwnField(kind=OwnKind.TEXT, names={"en": "Points"}))
    first = await customer(database, "Karimi", {points.key: "۱۲۰"})
    second = await customer(database, "Moradi", {points.key: "3.5"})

    await edit(database, replace(points, kind=OwnKind.NUMBER))

    assert await own_of(database, first) == {points.key: 120}
    assert await own_of(database, second) == {points.key: 3.5}
    assert await found(database, "120") == []  # numbers are not searched


async def test_texts_become_choices_that_are_stored_with_the_field(database: Database) -> None:
    office = await make(database, OFFICE)
    karimi = await customer(database, "Karimi", {office.key: "Pasdaran"})

    await edit(database, replace(office, kind=OwnKind.CHOICE))

    [choice] = (await stored(database, office.id)).choices
    assert dict(choice.names) == {"en": "Pasdaran"}
    assert await own_of(database, karimi) == {office.key: choice.id}
    assert await found(database, "pasdaran") == ["Karimi"]


async def test_a_choice_in_use_is_removed_only_with_a_place_for_its_values(
    database: Database,
) -> None:
    side = await make(database, SIDE)
    first = await customer(database, "Karimi", {side.key: 1})
    without = replace(side, choices=SIDE.choices[1:])

    refused: list[dict[int, int | None] | None] = [None, {1: 1}, {1: 9}]
    for moves in refused:
        problem, params = await problem_of(database, without, moves)
        assert problem is OwnFieldProblem.CHOICE_IN_USE
        assert params == {"name": "Window", "count": 1}

    await edit(database, without, {1: 2})
    assert await own_of(database, first) == {side.key: 2}
    assert [one.id for one in (await stored(database, side.id)).choices if not one.gone] == [2]

    again = replace(side, choices=(OwnChoice(3, {"en": "Exit row"}),))
    await edit(database, again, {2: None})
    assert await own_of(database, first) is None


async def test_a_choice_that_no_record_has_is_simply_removed(database: Database) -> None:
    side = await make(database, SIDE)
    await edit(database, replace(side, choices=SIDE.choices[:1]))
    gone = [one.id for one in (await stored(database, side.id)).choices if one.gone]
    assert gone == [2]


async def test_two_fields_with_one_name_are_refused(database: Database) -> None:
    await make(database, SIDE)
    problem, params = await problem_of(
        database, OwnField(kind=OwnKind.TEXT, names={"en": "Sitting", "el": "ΘΕΣΗ"})
    )
    assert (problem, params) == (OwnFieldProblem.NAME_TWICE, {"name": "ΘΕΣΗ"})


async def test_more_values_than_one_change_may_rewrite_are_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make(database, OFFICE)
    for family in ("Karimi", "Moradi"):
        await customer(database, family, {office.key: "Pasdaran"})

    monkeypatch.setattr(editing, "MAX_CHANGED_VALUES", 1)
    problem, _ = await problem_of(database, replace(office, kind=OwnKind.CHOICE))
    assert problem is OwnFieldProblem.TOO_MANY_VALUES

    monkeypatch.setattr(editing, "MAX_CHANGED_VALUES", 2)
    await edit(database, replace(office, kind=OwnKind.CHOICE))


async def test_an_unknown_field_cannot_be_changed(database: Database) -> None:
    problem, _ = await problem_of(database, replace(SIDE, id=77))
    assert problem is OwnFieldProblem.UNKNOWN_FIELD


@pytest.mark.parametrize(
    ("kind", "values", "wanted"),
    [
        (OwnKind.TEXT, ["b", "a", 7], ["a", "b"]),
        (OwnKind.NUMBER, [12.5, 3, "x", True], [3, 12.5]),
        (OwnKind.DATE, ["2026-11-29", "1987-08-03"], ["1987-08-03", "2026-11-29"]),
        (OwnKind.YES_NO, [True, False, 1], [False, True]),
        (OwnKind.CHOICE, [2, 1, "x"], [1, 2]),
    ],
)
async def test_values_can_be_compared_in_sql_and_those_of_another_kind_are_null(
    database: Database, kind: OwnKind, values: list[OwnValue], wanted: list[OwnValue]
) -> None:
    field = await make(database, OwnField(kind=kind, names={"en": "Any"}, choices=SIDE.choices))
    for one in values:
        await customer(database, "Karimi", {field.key: one})
    await create_customer(database, draft("Moradi", HIS), 1.0)

    value = value_of(field, database.kind)
    async with database.reading() as connection:
        rows = await connection.execute(select(value).where(value.is_not(None)).order_by(value))
        assert list(rows.scalars()) == wanted
    assert await count_records(database, [field]) == {field.id: len(values)}
