"""Segments on pages and in the API: made, counted, listed, for users with the right."""

import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest

from screenpop.conditions.errors import Problem
from screenpop.conditions.fields import FIELDS
from screenpop.store.customers.queries import create_customer
from screenpop.store.segments.bulk_edit import BulkProblem
from screenpop.store.segments.saved import SegmentProblem
from screenpop.web.segments.bulk_api import MAX_CHOSEN
from screenpop.web.segments.words import Words, op_code
from screenpop.web.translations import our_catalogues
from tests.store.customers.drafts import draft
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio
GOLD = {"field": "tier", "op": "is_any", "value": ["gold"]}
BALANCE = {"field": "balance", "op": ">", "value": {"amount": 0, "currency": "EUR"}}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        for family, tags in (("Karimi", ("VIP",)), ("Moradi", ("family",)), ("Nouri", ())):
            await create_customer(up.database, draft(family, tags=tags, city="Athens"), NOON)
        yield up


def saved(condition: Mapping[str, Any], name: str = "Gold", **more: str) -> dict[str, Any]:
    return {"name": name, "condition": {"version": 1, "condition": condition}, **more}


IN_ATHENS = {"field": "city", "op": "is_any", "value": ["Αθήνα"]}
VIP = {"field": "tag", "op": "is_any", "value": ["vip"]}


async def test_a_segment_is_saved_counted_listed_changed_and_deleted_over_the_api(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        made = await sue.post("/api/v1/segments", json=saved({"all": [IN_ATHENS]}))
        assert made.status_code == 201
        number = made.json()["id"]
        counted = await sue.get(f"/api/v1/segments/{number}/count")
        assert counted.json() == {"count": 3}
        listed = await sue.get("/api/v1/customers", params={"segment": number, "q": "nou"})
        assert [one["name"] for one in listed.json()["customers"]] == ["Laleh Nouri"]

        changed = await sue.put(f"/api/v1/segments/{number}", json=saved(VIP, "VIPs"))
        assert (changed.status_code, changed.json()["name"]) == (200, "VIPs")
        assert changed.json()["condition"] == {"version": 1, "condition": VIP}
        page = await sue.get("/customers", params={"segment": number})
        assert "Karimi" in page.text
        assert "Moradi" not in page.text
        twice = await sue.post("/api/v1/segments", json=saved(VIP, "vips"))
        assert twice.status_code == 409
        unsaved = await sue.post(
            "/api/v1/segments/count", json={"condition": saved(VIP)["condition"]}
        )
        assert unsaved.json() == {"count": 1}

        assert (await sue.delete(f"/api/v1/segments/{number}")).status_code == 204
        assert (await sue.get(f"/api/v1/segments/{number}")).status_code == 404
        assert (await sue.get("/customers", params={"segment": number})).status_code == 404


async def test_a_condition_is_refused_with_field_value_and_remedy(office: Running) -> None:
    both = {
        "all": [
            {"field": "trip_count", "op": ">", "value": 5},
            {"field": "trip_count", "op": "<", "value": 3},
        ]
    }
    async with await office.client("sue") as sue:
        answer = await sue.post("/api/v1/segments", json=saved(both))
        assert answer.status_code == 422
        problem = answer.json()
        assert (problem["code"], problem["problem"], problem["value"]) == (
            "bad_condition",
            "never_met",
            "3",
        )
        [error] = problem["errors"]
        assert error["field"] == "trip_count"
        assert "no customer can meet" in error["problem"]


async def test_a_segment_is_used_only_with_the_sections_of_its_fields(office: Running) -> None:
    async with await office.client("adam") as adam:
        owing = (await adam.post("/api/v1/segments", json=saved(BALANCE, "Owing"))).json()["id"]
        ours = (
            await adam.post("/api/v1/segments", json=saved(VIP, "Ours", audience="supervisors"))
        ).json()["id"]
    async with await office.client("sue") as sue:
        names = [one["name"] for one in (await sue.get("/api/v1/segments")).json()["segments"]]
        assert names == ["Ours"]
        for path in (f"/api/v1/segments/{owing}/count", f"/segments/{owing}/edit"):
            assert (await sue.get(path)).status_code == 404
        listed = await sue.get("/api/v1/customers", params={"segment": owing})
        assert listed.status_code == 404
        forbidden = await sue.post("/api/v1/segments", json=saved(BALANCE, "Mine"))
        assert forbidden.status_code == 403
        fields = (await sue.get("/api/v1/segments/fields")).json()
        assert "balance" not in {one["field"] for one in fields["customer"]}
    async with await office.client("alice") as alice:
        assert (await alice.get("/api/v1/segments")).json() == {"segments": []}
        assert (await alice.get(f"/segments/{ours}/count")).status_code == 404
        assert (await alice.get("/segments/new")).status_code == 403
        assert (await alice.post("/api/v1/segments", json=saved(VIP))).status_code == 403
        assert "New segment" not in (await alice.get("/segments")).text


def csrf_of(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found
    return found[1]


async def test_a_segment_is_made_and_changed_in_the_form_without_a_script(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/segments/new", params={"tag": "VIP"})).text)
        form = {
            "csrf": csrf,
            "name": "Πελάτες",
            "audience": "all",
            "g.0.mode": "all",
            "r.0.0.field": "tag",
            "r.0.0.op": "is_any",
            "r.0.0.value": "family, VIP",
            "r.0.1.field": "trip_count",
            "r.0.1.op": "<=",
            "r.0.1.value": "۱",
            "g.1.mode": "none",
            "r.1.0.field": "trip.destination",
            "r.1.0.op": "is_any",
            "r.1.0.value": "Rome",
        }
        drafted = await sue.post("/segments/draft", data=form | {"act": "add_row.1"})
        assert 'name="r.1.1.field"' in drafted.text
        assert "2 πελάτες" in drafted.text
        answer = await sue.post("/segments/new", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/segments")
        [segment] = (await sue.get("/api/v1/segments")).json()["segments"]
        assert segment["condition"]["condition"]["all"][1] == {
            "field": "trip_count",
            "op": "<=",
            "value": 1,
        }
        page = (await sue.get("/segments")).text
        assert "ετικέτα: family ή VIP και αριθμός ταξιδιών το πολύ 1 και όχι (" in page
        assert "προορισμός: Rome" in page
        edit = (await sue.get(f"/segments/{segment['id']}/edit")).text
        assert 'value="family, VIP"' in edit
        gone = await sue.post(f"/segments/{segment['id']}/delete", data={"csrf": csrf})
        assert gone.status_code == 303
        assert (await sue.get("/api/v1/segments")).json() == {"segments": []}


async def test_the_form_names_what_is_wrong_and_keeps_what_was_typed(office: Running) -> None:
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/segments/new")).text)
        form = {"csrf": csrf, "name": "x", "r.0.0.field": "trip_count", "r.0.0.op": ">="}
        wrong = await sue.post("/segments/new", data=form | {"r.0.0.value": "many"})
        assert wrong.status_code == 422
        assert 'value="many"' in wrong.text
        assert "Συμπληρώστε τιμή" in wrong.text
        empty = await sue.post("/segments/new", data={"csrf": csrf, "name": "x"})
        assert "Προσθέστε τουλάχιστον μία συνθήκη" in empty.text
        never = {"r.0.0.value": "5", "r.0.1.field": "trip_count", "r.0.1.op": "<"}
        refused = await sue.post("/segments/new", data=form | never | {"r.0.1.value": "2"})
        assert "Κανένας πελάτης δεν μπορεί" in refused.text
        nameless = await sue.post("/segments/new", data=form | {"r.0.0.value": "1", "name": " "})
        assert "80 χαρακτήρες" in nameless.text
        stale = await sue.post("/segments/new", data=form | {"csrf": "x"})
        assert stale.status_code == 403


async def test_a_segment_with_more_levels_than_the_form_is_not_lost_in_it(
    office: Running,
) -> None:
    deep = {"all": [{"any": [{"all": [VIP, GOLD]}, IN_ATHENS]}, GOLD]}
    async with await office.client("adam") as adam:
        number = (await adam.post("/api/v1/segments", json=saved(deep))).json()["id"]
        page = await adam.get(f"/segments/{number}/edit")
        assert page.status_code == 200
        assert "more levels than the form" in page.text
        assert "segment-form" not in page.text


async def test_many_customers_are_changed_after_a_count_and_changed_back(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        made = await sue.post("/api/v1/segments", json=saved(IN_ATHENS))
        segment = str(made.json()["id"])
        csrf = csrf_of((await sue.get("/customers", params={"segment": segment})).text)
        form = {"csrf": csrf, "scope": "all", "segment": segment}
        assert 'value="add_tag"' in (await sue.post("/customers/bulk", data=form)).text
        form |= {"action": "add_tag", "tag": "VIP"}
        counted = await sue.post("/customers/bulk", data=form)
        assert "Αλλάζουν 2 πελάτες." in counted.text
        done = await sue.post("/customers/bulk", data=form | {"expected": "2"})
        assert done.status_code == 303
        step = done.headers["location"]
        assert "Άλλαξαν 2 πελάτες." in (await sue.get(step)).text
        again = await sue.post("/customers/bulk", data=form | {"expected": "2"})
        assert again.status_code == 422
        assert "Μετρήστε ξανά" in again.text
        undone = await sue.post(f"{step}/undo", data={"csrf": csrf})
        assert undone.status_code == 303
        assert "Αναιρέθηκε: 2 πελάτες είναι όπως πριν." in (await sue.get(step)).text


async def test_an_agent_changes_ticked_customers_but_not_a_whole_list(office: Running) -> None:
    async with await office.client("alice") as alice:
        ids = [one["id"] for one in (await alice.get("/api/v1/customers")).json()["customers"]]
        csrf = csrf_of((await alice.get("/customers")).text)
        form = {"csrf": csrf, "action": "add_tag", "tag": "x", "scope": "all"}
        assert (await alice.post("/customers/bulk", data=form)).status_code == 403
        ticked = form | {"scope": "chosen", "id": [str(one) for one in ids[:2]]}
        assert "2 customers change." in (await alice.post("/customers/bulk", data=ticked)).text
        every = await alice.post("/api/v1/customers/bulk", json={"action": "add_tag", "tag": "x"})
        assert every.status_code == 403
        given = {"action": "add_tag", "tag": "x", "ids": ids[:2]}
        counted = await alice.post("/api/v1/customers/bulk", json=given | {"preview": True})
        assert counted.json() == {"selected": 2, "changing": 2}
        made = await alice.post("/api/v1/customers/bulk", json=given)
        assert (made.status_code, made.json()["customers"]) == (201, 2)
        step = made.json()["id"]
        undone = await alice.post(f"/api/v1/bulk-edits/{step}/undo", json={})
        assert undone.json()["restored"] == 2
        assert (await alice.post(f"/api/v1/bulk-edits/{step}/undo", json={})).status_code == 409
        wrong = await alice.post("/api/v1/customers/bulk", json=given | {"tag": " "})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "tag")
    async with await office.client("bob") as bob:
        consent = {"action": "set_consent", "channel": "sms", "answer": "yes", "source": "x"}
        refused = await bob.post("/api/v1/customers/bulk", json=consent | {"ids": ids})
        assert refused.status_code == 403
        assert (await bob.get(f"/api/v1/bulk-edits/{step}")).status_code == 404
        csrf = csrf_of((await bob.get("/customers")).text)
        bulk_page = (await bob.post("/customers/bulk", data={"csrf": csrf, "id": str(ids[0])})).text
        assert 'value="set_owner"' in bulk_page
        assert 'value="set_consent"' not in bulk_page


async def test_a_step_over_the_api_names_at_most_a_thousand_customers(office: Running) -> None:
    given = {"action": "add_tag", "tag": "x", "preview": True}
    async with await office.client("sue") as sue:
        for many, status in ((MAX_CHOSEN, 200), (MAX_CHOSEN + 1, 422)):
            ids = list(range(1, many + 1))
            answer = await sue.post("/api/v1/customers/bulk", json=given | {"ids": ids})
            assert answer.status_code == status


async def test_a_tag_is_renamed_by_a_supervisor_and_counted_for_all(office: Running) -> None:
    async with await office.client("alice") as alice:
        tags = (await alice.get("/api/v1/tags")).json()["tags"]
        assert {one["tag"]: one["customers"] for one in tags} == {"VIP": 1, "family": 1}
        page = (await alice.get("/tags")).text
        assert "VIP" in page
        assert "/tags/rename" not in page
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/tags")).text)
        form = {"csrf": csrf, "old": "vip", "new": "family"}
        done = await sue.post("/tags/rename", data=form)
        assert done.status_code == 303
        tags = (await sue.get("/api/v1/tags")).json()["tags"]
        assert [(one["tag"], one["customers"]) for one in tags] == [("family", 2)]
        problem = await sue.post("/tags/rename", data=form | {"new": "a,b"})
        assert problem.headers["location"] == "/tags?problem=value"
        assert "Συμπληρώστε" in (await sue.get("/tags?problem=value")).text


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_every_field_operator_choice_and_problem_has_words(language: str) -> None:
    catalogue = our_catalogues()[language]
    words = Words(catalogue)
    known = {field.code: words.field(field.code) for field in FIELDS.values()}
    assert [code for code, text in known.items() if "segment_field" in text or "." in text] == []
    codes = {op_code(field, op) for field in FIELDS.values() for op in field.ops}
    codes |= {"and", "or", "not", "a_trip", "any_trip", "no_trip", "no_trip_at_all", "trips_with"}
    for code in codes:
        text = catalogue.translations.gettext(f"segment_text.{code}")
        assert not text.startswith("segment_text"), code
    for field in FIELDS.values():
        names = [words.choice(field.code, choice) for choice in field.choices]
        assert [name for name in names if "." in name] == [], field.code
        assert [op for op in field.ops if "segment_op" in words.op(field, op)] == []
    assert words.number(1_234) == {"en": "1,234", "fa": "۱٬۲۳۴", "el": "1.234"}[language]
    for problem in (*Problem, *SegmentProblem):
        assert "segment_problem" not in catalogue.gettext(f"segment_problem.{problem.value}")
    for bulk in BulkProblem:
        text = catalogue.gettext(f"bulk_problem.{bulk.value}", detail="x")
        assert "bulk_problem" not in text
