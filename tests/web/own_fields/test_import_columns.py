"""A column of a sheet becomes an own field: one there is, or a new one by an admin."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.customers.own_fields import OwnKind
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.queries import list_customers
from screenpop.store.own_fields.definitions import list_own_fields
from tests.store.own_fields.fields import SIDE, make
from tests.web.import_server import Opening
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio
PLACE = "/customers/import"
ROWS = (
    "Laleh Karimi,09123456781,Blue,Window",
    "Nikos Pappas,09123456782,Green,Aisle",
    "Sara Moradi,09123456783,Blue,window",
    "Reza Nouri,09123456784,Green,Roof",
)
SHEET = "\n".join(("Name,Mobile,Badge colour,Seat", *ROWS)).encode()


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return Opening(tmp_path)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, opening: Opening) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, imports=opening) as up:
        yield up


async def own_of(office: Running) -> dict[str, object]:
    found: dict[str, object] = {}
    for row in (await list_customers(office.database)).rows:
        file = await load_customer_detail(office.database, row.customer.id)
        assert file is not None
        found[next(iter(row.customer.names.values())).given] = dict(file.own)
    return found


async def test_an_unknown_column_becomes_a_field_with_the_kind_of_its_values(
    office: Running, opening: Opening
) -> None:
    side = await make(office.database, SIDE)
    async with await office.client("adam") as adam:
        form = {"csrf": csrf_of((await adam.get("/me")).text)}
        sent = await adam.post(PLACE, data=form, files={"file": ("a.csv", SHEET, "text/csv")})
        job = sent.headers["location"]
        page = (await adam.get(job)).text
        assert "New own field (Choice)" in page
        assert f'value="own:{side.id}" selected' in page

        columns = ("name", "mobile", "own_new", f"own:{side.id}")
        form |= {f"column_{place}": code for place, code in enumerate(columns)}
        checked = await adam.post(f"{job}/check", data=form)
        assert checked.status_code == 303, checked.text
        await opening.idle()
        report = (await adam.get(job)).text
        assert "This is none of the field" in report
        await adam.post(f"{job}/start", data=form)
        await opening.idle()

        badge = (await list_own_fields(office.database))[-1]
        assert (badge.kind, dict(badge.names)) == (OwnKind.CHOICE, {"en": "Badge colour"})
        assert [one.name("en") for one in badge.choices] == ["Blue", "Green"]
        assert await own_of(office) == {
            "Laleh": {side.key: 1, badge.key: 1},
            "Nikos": {side.key: 2, badge.key: 2},
            "Sara": {side.key: 1, badge.key: 1},
            "Reza": {badge.key: 2},
        }
        again = await adam.post(PLACE, data=form, files={"file": ("b.csv", SHEET, "text/csv")})
        remembered = (await adam.get(again.headers["location"])).text
        assert f'value="own:{badge.id}" selected' in remembered


async def test_a_supervisor_makes_no_field(office: Running, opening: Opening) -> None:
    async with await office.client("sue") as sue:
        form = {"csrf": csrf_of((await sue.get("/me")).text)}
        sent = await sue.post(PLACE, data=form, files={"file": ("a.csv", SHEET, "text/csv")})
        job = sent.headers["location"]
        assert "own_new" not in (await sue.get(job)).text
        for code in ("own_new", "own:77x", "own", "own:"):
            columns = ("name", "mobile", code, "ignored")
            form |= {f"column_{place}": one for place, one in enumerate(columns)}
            assert (await sue.post(f"{job}/check", data=form)).status_code == 422
        await opening.idle()
    assert await list_own_fields(office.database) == ()
