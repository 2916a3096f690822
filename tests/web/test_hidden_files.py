"""Users see the files that the office's rule and hidden files leave them, on every page."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.visibility import FilesRule
from screenpop.store.customers.queries import create_customer
from screenpop.store.search.fts_index import index_new_customers
from screenpop.telephony.identifiers import E164
from tests.web.running_server import TOKEN, Running, csrf_of, running

pytestmark = pytest.mark.anyio
NUMBER = "+989121112233"
PAGES = ("/customers", "/customers?q=famousname", "/api/v1/customers?q=famousname", "/calls")


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def add(office: Running, family: str, owner: str | None = None) -> CustomerId:
    phone = PhoneDraft(NUMBER, E164(NUMBER), NUMBER[-9:], "mobile")
    names = {"en": PersonName("Ava", family)}
    owner_id = None if owner is None else office.id(owner)
    draft = CustomerDraft(names=names, phones=(phone,), owner=owner_id)
    number = await create_customer(office.database, draft, 1_795_300_000.0)
    await index_new_customers(office.database)
    return number


async def send(client: httpx.AsyncClient, path: str, **form: str | list[str]) -> httpx.Response:
    csrf = csrf_of((await client.get("/me")).text)
    return await client.post(path, data={"csrf": csrf} | form)


async def seen(office: Running, name: str, number: int) -> list[bool]:
    """Return for each page, and the file's own, whether the customer is on it."""
    async with await office.client(name) as client:
        pages = [await client.get(page) for page in (*PAGES[:3], f"/customers/{number}")]
        whole = await client.get(f"/api/v1/customers/{number}")
        assert (whole.status_code == 200) is (pages[3].status_code == 200)
        found = [page.status_code == 200 and "Famousname" in page.text for page in pages]
        status = pages[3].status_code
        assert status in {200, 404}
        for path in ("edit", "merge", "hidden"):
            refused = await client.get(f"/customers/{number}/{path}")
            assert status == 200 or refused.status_code == 404, path
        return found


@pytest.mark.defends("hidden-files")
async def test_hidden_file_is_seen_by_administrators_and_named_users_only(office: Running) -> None:
    number = await add(office, "Famousname")
    all_users = ("alice", "bob", "sue", "adam")
    for name in all_users:
        assert await seen(office, name, number) == [True] * 4, name
    async with await office.client("alice") as alice:
        assert (await send(alice, f"/customers/{number}/hidden", do="hide")).status_code == 403
    async with await office.client("adam") as adam:
        page = await adam.get(f"/customers/{number}/hidden")
        assert "Only administrators and the users chosen here" in page.text
        users = [str(office.id("alice")), "999", "x"]
        hidden = await send(adam, f"/customers/{number}/hidden", do="hide", user=users)
        assert hidden.status_code == 303
        file = await adam.get(f"/customers/{number}")
        assert re.search(r'pill warn">hidden', file.text)
    for name, expected in (("alice", True), ("bob", False), ("sue", False), ("adam", True)):
        assert await seen(office, name, number) == [expected] * 4, name
    async with await office.client("bob") as bob:
        for path, form in (
            (f"/customers/{number}/edit", {"notes": "x"}),
            (f"/customers/{number}/numbers", {"number": "123"}),
            (f"/customers/{number}/trips/new", {"destination": "x"}),
            (f"/api/v1/customers/{number}/documents/numbers", {}),
        ):
            assert (await send(bob, path, **form)).status_code == 404, path
    async with office.browser(Authorization=f"Bearer {TOKEN}") as program:
        looked = await program.get(f"/api/v1/lookup?number={NUMBER[1:]}")
        assert "Famousname" in looked.text  # the server's own token is of the command line
    async with await office.client("bob") as bob:
        looked = await bob.get("/api/v1/lookup?number=09121112233")
        assert (looked.status_code, "Famousname" in looked.text) == (200, False)
    async with await office.client("adam") as adam:
        await send(adam, f"/customers/{number}/hidden", do="show")
    assert await seen(office, "bob", number) == [True] * 4


async def test_supervisor_that_hides_a_file_keeps_it(office: Running) -> None:
    number = await add(office, "Famousname")
    async with await office.client("sue") as sue:
        assert (await send(sue, f"/customers/{number}/hidden", do="hide")).status_code == 303
    assert await seen(office, "sue", number) == [True] * 4
    assert await seen(office, "alice", number) == [False] * 4


@pytest.mark.defends("visible-customers")
async def test_agents_see_their_own_files_and_those_without_a_manager_by_the_rule(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True, agents_see=FilesRule.OWN) as office:
        number = await add(office, "Famousname", "alice")
        free = await add(office, "Famousname2")
        for name, expected in (("alice", True), ("bob", False), ("sue", True), ("adam", True)):
            assert (await seen(office, name, number))[3] is expected, name
            assert await seen(office, name, free) == [True] * 4, name
