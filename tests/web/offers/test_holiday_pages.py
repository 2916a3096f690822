"""School holidays and branches of offers on their pages and in the API."""

from datetime import date
from pathlib import Path

import pytest

from screenpop.offers.school_holidays import MOST_STATED, SchoolHolidays, checked_holidays
from screenpop.store.branches import save_branch
from screenpop.store.offers.holidays import add_holidays, list_holidays
from screenpop.store.offers.saved import list_offers
from tests.web.offers.test_offer_pages import FORM, plain, post
from tests.web.running_server import running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

AROUND = {"calendar": "school_holidays", "before": 30, "after": 0}
SUMMER = {"name": "Summer", "first": "2027-06-15", "last": "2027-09-10"}


async def test_holidays_are_stated_in_either_calendar_and_offers_run_around_them(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, real_pages=True) as office,
        await office.client("adam") as adam,
    ):
        refused = await adam.post("/api/v1/offers", json=plain(periods=[AROUND]))
        assert refused.status_code == 422
        assert (refused.json()["problem"], refused.json()["field"]) == ("never_runs", "periods")
        assert "/offers/holidays" in refused.json()["errors"][0]["problem"]

        made = await post(
            adam, "/offers/holidays", name="تابستان", first="۱۴۰۶/۳/۲۵", last="1406/06/20"
        )
        assert made.status_code == 303
        page = (await adam.get("/offers/holidays")).text
        assert "تابستان" in page
        assert "2027-06-15" in page
        assert "2027-09-11" in page
        assert (await adam.post("/api/v1/offers", json=plain(periods=[AROUND]))).status_code == 201
        [saved] = await list_offers(office.database)
        assert saved.offer.holidays == (
            SchoolHolidays("تابستان", date(2027, 6, 15), date(2027, 9, 11)),
        )
        form = (await adam.get("/offers/1/edit")).text
        assert '<option value="school_holidays" selected>' in form
        assert "تابستان" in form

        [stated] = (await adam.get("/api/v1/school-holidays")).json()["holidays"]
        gone = await post(adam, f"/offers/holidays/{stated['id']}/delete")
        assert gone.status_code == 303
        assert (await adam.delete(f"/api/v1/school-holidays/{stated['id']}")).status_code == 404
        # The offer stays, and its page names why it waits.
        await adam.post("/api/v1/offers/1/switch", json={"active": True})
        assert (await list_offers(office.database))[0].offer.holidays == ()


async def test_refused_holidays_name_field_value_and_remedy_and_nothing_is_saved(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        async with await office.client("adam") as adam:
            for more, problem, field in (
                ({"first": "soon"}, "day", "first"),
                ({"last": "09-10"}, "day", "last"),
                ({"last": ""}, "day", "last"),
                ({"last": "2027-06-14"}, "reversed", "last"),
                ({"last": "2028-09-10"}, "too_long", "last"),
                ({"name": ""}, "name", "name"),
            ):
                answer = await adam.post("/api/v1/school-holidays", json={**SUMMER, **more})
                assert answer.status_code == 422, answer.text
                found = answer.json()
                assert (found["code"], found["problem"], found["field"]) == (
                    *("bad_holidays", problem),
                    field,
                )
                assert found["errors"][0]["problem"]
                page = await post(adam, "/offers/holidays", **{**SUMMER, **more})
                assert page.status_code == 422
                assert 'aria-invalid="true"' in page.text
            assert (
                await adam.post("/api/v1/school-holidays", json={**SUMMER, "days": 3})
            ).status_code == 422
            assert await list_holidays(office.database) == ()

            assert (await adam.post("/api/v1/school-holidays", json=SUMMER)).status_code == 201
            again = await adam.post("/api/v1/school-holidays", json=SUMMER)
            assert (again.status_code, again.json()["problem"]) == (422, "known")
            for number in range(MOST_STATED - 1):
                day = date.fromordinal(738_000 + number)
                holidays = checked_holidays("Day", day, day)
                await add_holidays(office.database, holidays, user_id=None, now=NOON)
            full = await adam.post("/api/v1/school-holidays", json={**SUMMER, "name": "More"})
            assert (full.status_code, full.json()["problem"]) == (422, "too_many")
        async with await office.client("alice") as alice:
            assert (await alice.get("/offers/holidays")).status_code == 200
            assert (await alice.post("/api/v1/school-holidays", json=SUMMER)).status_code == 403
            assert (await post(alice, "/offers/holidays", **SUMMER)).status_code == 403
            assert (await alice.delete("/api/v1/school-holidays/1")).status_code == 403


async def test_branches_of_an_offer_are_chosen_by_name_and_unknown_ones_refused(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, real_pages=True) as office,
        await office.client("adam") as adam,
    ):
        refused = await adam.post("/api/v1/offers", json=plain(branches=[7]))
        assert (refused.status_code, refused.json()["field"], refused.json()["value"]) == (
            *(422, "branches"),
            "7",
        )
        number = await save_branch(office.database, "Thessaloniki", now=NOON)
        form = (await adam.get("/offers/new")).text
        assert f'name="branch.{number}"' in form
        made = await post(adam, "/offers/new", **FORM, **{f"branch.{number}": "on"})
        assert made.status_code == 303
        [saved] = await list_offers(office.database)
        assert saved.offer.terms.branches == (number,)
        assert f'name="branch.{number}" checked' in (await adam.get("/offers/1/edit")).text
        for wrong in ("Athens", [0], [True], ["1"], [2**63], list(range(1, 202))):
            answer = await adam.post("/api/v1/offers", json=plain(branches=wrong))
            assert (answer.status_code, answer.json()["field"]) == (422, "branches"), wrong
