"""Drafts of forms: of the page's own user, of forms they can open, and no larger than a form."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.accounts.form_drafts import list_drafts
from screenpop.store.customers.queries import create_customer
from screenpop.web.draft_routes import LONGEST_NAME, MOST_FIELDS
from tests.web.running_server import running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


async def kept(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/drafts")).json()
    return {one["form"]: one["values"] for one in answer["drafts"]}


async def put(client: httpx.AsyncClient, form: object, values: object, token: str = "") -> int:
    token = token or (await client.get("/drafts")).json()["csrf"]
    body = json.dumps({"form": form, "values": values})
    headers = {"x-csrf-token": token, "content-type": "application/json"}
    return (await client.put("/drafts", content=body, headers=headers)).status_code


@pytest.mark.defends("browser-storage")
async def test_drafts_are_kept_for_their_user_until_saved_and_hostile_ones_are_refused(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
        number = await create_customer(office.database, draft, NOON)
        edit = f"/customers/{number}/edit"
        async with await office.client("alice") as alice, await office.client("adam") as adam:
            assert await put(alice, edit, {"notes": "a <b>peanut"}) == 204
            assert await put(alice, "note:office/1/1", {"text": "T" * 10_000}) == 204
            assert await kept(alice) == {
                "note:office/1/1": {"text": "T" * 10_000},
                edit: {"notes": "a <b>peanut"},
            }
            assert await kept(adam) == {}
            # A page of another user's session, or of an earlier one, has another token.
            assert await put(alice, edit, {"notes": "x"}, "old") == 403
            assert await put(adam, edit, {}, (await alice.get("/drafts")).json()["csrf"]) == 403
            refused = {
                ("/customers/999999/edit", "x"): 404,
                ("/customers/0/edit", "x"): 422,
                (f"{edit}/", "x"): 422,
                ("/admin", "x"): 422,
                ("note:", "x"): 422,
                ("note:\0", "x"): 422,
                ("note:" + "x" * LONGEST_NAME, "x"): 422,
                (edit, "x" * 10_001): 422,
            }
            for (form, text), status in refused.items():
                assert await put(alice, form, {"notes": text}) == status, form
            most = {f"f{place}": "" for place in range(MOST_FIELDS)}
            assert await put(alice, "answers", most) == 204
            assert await put(alice, "answers", most | {"one_more": ""}) == 422
            assert await put(alice, "answers", {"n" * LONGEST_NAME: ""}) == 204
            assert await put(alice, "answers", {"n" * (LONGEST_NAME + 1): ""}) == 422
            assert await put(alice, edit, {"notes": 7}) == 422
            assert await put(alice, edit, {"a": "\ud800"}) == 422
            assert await put(alice, edit, {f"f{n}": "x" * 9000 for n in range(8)}) == 413
            # Saved: the form's draft is gone, the others stay.
            saved = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
            saved["csrf"] = (await alice.get("/drafts")).json()["csrf"]
            assert (await alice.post(edit, data=saved)).status_code == 303
            assert edit not in await kept(alice)
            assert "note:office/1/1" in await kept(alice)
            assert (await alice.post("/logout", data=saved)).status_code == 303
            assert (await alice.get("/drafts")).status_code == 401
        await office.database.later.flush()
        assert await list_drafts(office.database, office.id("alice"), NOON) == ()


async def test_a_draft_that_the_database_does_not_take_is_answered_with_that_reason(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as office, await office.client("alice") as alice:
        token = (await alice.get("/drafts")).json()["csrf"]
        async with office.database.writing() as connection:
            await connection.execute(text("DROP TABLE form_drafts"))
        answer = await alice.put(
            "/drafts",
            json={"form": "answers", "values": {"a": "b"}},
            headers={"x-csrf-token": token},
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
