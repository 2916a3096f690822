"""Imports over the API, as a program asks for them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from tests.store.samples import count_customers
from tests.web.import_server import SHEETS, SMALL, Opening
from tests.web.running_server import TOKEN, Running, plain_client, running

pytestmark = pytest.mark.anyio
IMPORTS = "/api/v1/imports"
FILE = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return Opening(tmp_path)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, opening: Opening) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, imports=opening) as up:
        yield up


@pytest.fixture
async def program(office: Running) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with plain_client(office.url, headers) as client:
        yield client


async def test_a_program_sends_checks_starts_follows_and_undoes(
    office: Running, program: httpx.AsyncClient, opening: Opening
) -> None:
    data = (SHEETS / "greek.ods").read_bytes()
    sent = await program.post(IMPORTS, params={"name": "greek.ods"}, content=data, headers=FILE)
    assert sent.status_code == 201
    job = sent.json()
    assert (job["stage"], job["filename"], job["seen"]["kind"]) == ("seen", "greek.ods", "ods")
    assert job["seen"]["columns"][1]["field"] == "family"
    at = f"{IMPORTS}/{job['id']}"

    assert (await program.post(f"{at}/start", json={})).status_code == 409
    checking = await program.post(f"{at}/check", json={"currency": "EUR"})
    assert (checking.status_code, checking.json()["busy"]) == (202, True)
    assert (await program.post(f"{at}/check", json={})).status_code == 409
    await opening.idle()
    checked = (await program.get(at)).json()
    assert (checked["stage"], checked["busy"]) == ("checked", False)
    assert checked["counts"]["new"] > 3
    report = (await program.get(f"{at}/report/new")).json()
    assert [row["line"] for row in report["rows"]][:1] == [3]
    assert report["next_cursor"] is None
    assert await count_customers(office.database) == 0

    assert (await program.post(f"{at}/start", json={})).status_code == 202
    await opening.idle()
    done = (await program.get(at)).json()
    assert done["stage"] == "imported"
    assert await count_customers(office.database) == done["counts"]["new"]
    [batch] = (await program.get(IMPORTS)).json()["imports"]
    assert (batch["id"], batch["state"]) == (done["batch"], "done")

    undo = await program.post(f"{IMPORTS}/batches/{batch['id']}/undo", json={"force": False})
    assert undo.status_code == 202
    await opening.idle()
    assert (await program.get(f"{IMPORTS}/{undo.json()['id']}")).json()["stage"] == "undone"
    assert await count_customers(office.database) == 0
    again = await program.post(f"{IMPORTS}/batches/{batch['id']}/undo", json={})
    assert again.status_code == 404


async def test_columns_that_cannot_be_are_refused_with_a_code(program: httpx.AsyncClient) -> None:
    job = (await program.post(IMPORTS, content=SMALL, headers=FILE)).json()
    at = f"{IMPORTS}/{job['id']}/check"
    for fields in (["given"], ["given"] * 4, ["x"] * 4, ["notes"] * 4):
        answer = await program.post(at, json={"fields": fields})
        assert answer.status_code == 422
        assert answer.json()["code"] == "import_columns"
        assert "a name and a phone among them" in answer.json()["detail"]
    assert (await program.post(at, json={"nonsense": 1})).status_code == 422


async def test_mallory_needs_the_right_kind_of_body_and_a_right(
    office: Running, program: httpx.AsyncClient
) -> None:
    assert (await program.post(IMPORTS, content=SMALL)).status_code == 415
    assert (await program.post(f"{IMPORTS}/abc/start")).status_code == 415
    assert (await program.post(f"{IMPORTS}/abc/start", json={})).status_code == 404
    for what in ("../../secret", "refused/..", "x"):
        assert (await program.get(f"{IMPORTS}/abc/report/{what}")).status_code in {404, 422}
    async with office.browser() as stranger:
        assert (await stranger.get(IMPORTS)).status_code == 401
        answer = await stranger.post(IMPORTS, content=SMALL, headers=FILE)
        assert answer.status_code == 401
    async with await office.client("alice") as agent:
        assert (await agent.post(IMPORTS, content=SMALL, headers=FILE)).status_code == 403
        assert (await agent.get(IMPORTS)).status_code == 403


async def test_the_description_of_the_api_knows_imports(program: httpx.AsyncClient) -> None:
    paths = (await program.get("/api/v1/openapi.json")).json()["paths"]
    body = paths[IMPORTS]["post"]["requestBody"]["content"]
    assert list(body) == ["application/octet-stream"]
    assert f"{IMPORTS}/batches/{{batch}}/undo" in paths
    assert "ImportModel" in str(paths[f"{IMPORTS}/{{job}}"]["get"])
