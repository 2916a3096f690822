"""The pages of imports, with a real desk behind them, and with a stranger before them."""

import csv
import io
import re
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from screenpop.importing.lock import held_if_free
from screenpop.store.customers.queries import list_customers
from screenpop.store.imports.batches import list_batches
from screenpop.store.schema.tables import import_batches
from tests.store.samples import count_customers
from tests.web.import_server import EVIL, LARGEST, SHEETS, SMALL, Opening
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio
PLACE = "/customers/import"


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return Opening(tmp_path)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, opening: Opening) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, imports=opening) as up:
        yield up


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


class Person:
    """A user at a browser."""

    def __init__(self, browser: httpx.AsyncClient, csrf: str, opening: Opening) -> None:
        self.browser = browser
        self.csrf = csrf
        self._opening = opening

    async def hand_in(self, data: bytes, name: str = "people.csv") -> httpx.Response:
        return await self.browser.post(
            PLACE, data={"csrf": self.csrf}, files={"file": (name, data, "text/csv")}
        )

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.browser.post(path, data={"csrf": self.csrf, **fields})

    async def page(self, path: str) -> str:
        answer = await self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def settled(self, job: str) -> str:
        """The page of the job, as soon as no process works on it."""
        await self._opening.idle()
        return await self.page(job)

    async def check(self, job: str, **instead: str) -> httpx.Response:
        """The columns as they are proposed, but for some."""
        html = await self.page(job)
        selects = re.findall(r'<select name="(column_\d+)".*?</select>', html, re.DOTALL)
        assert selects
        fields = {
            name: re.findall(rf'name="{name}".*?value="([a-z_]+)" selected', html, re.DOTALL)[0]
            for name in selects
        }
        return await self.post(f"{job}/check", **fields | instead)


@pytest.fixture
async def sue(office: Running, opening: Opening) -> AsyncGenerator[Person]:
    async with await office.client("sue") as browser:
        yield Person(browser, csrf_of((await browser.get("/me")).text), opening)


async def test_a_sheet_goes_its_whole_way_and_comes_out_again(office: Running, sue: Person) -> None:
    sent = await sue.hand_in(SMALL)
    job = sent.headers["location"]
    assert (sent.status_code, job.startswith(f"{PLACE}/")) == (303, True)
    assert 'value="birthday" selected' in await sue.page(job)

    assert (await sue.check(job)).headers["location"] == job
    report = await sue.settled(job)
    assert "&lt;b&gt;Pappas&lt;/b&gt;" in await sue.page(f"{job}?what=noted")
    assert "<b>Pappas" not in report
    assert await count_customers(office.database) == 0

    await sue.post(f"{job}/start")
    await sue.settled(job)
    assert await count_customers(office.database) == 2
    [found] = (await list_customers(office.database, search="karimi")).rows
    assert found.customer.names["en"].given == "Laleh"
    [batch] = await list_batches(office.database)
    assert f"/customers/import/batches/{batch.id}/undo" in await sue.page(PLACE)

    undoing = await sue.post(f"{PLACE}/batches/{batch.id}/undo")
    await sue.settled(undoing.headers["location"])
    assert await count_customers(office.database) == 0
    again = await sue.post(f"{PLACE}/batches/{batch.id}/undo")
    assert "no_such_batch" in again.headers["location"]
    assert f"batches/{batch.id}/undo" not in await sue.page(again.headers["location"])


async def test_the_report_can_be_taken_along_and_runs_nothing(sue: Person) -> None:
    sheet = "First name,Last name,Mobile,Birthday\n=cmd|' /C calc'!A0,Evil,691,=1+1\n,,@SUM(1),\n"
    job = (await sue.hand_in(sheet.encode())).headers["location"]
    await sue.check(job)
    await sue.settled(job)

    answer = await sue.browser.get(f"{job}/report.csv")

    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > 2
    assert all(not cell.startswith(("=", "@")) for row in rows for cell in row)
    assert any("'=1+1" in row for row in rows)


async def test_a_column_is_corrected_and_remembered(sue: Person) -> None:
    sheet = b"Kunde,Telephone\nKarimi Laleh,6912345678\n"
    job = (await sue.hand_in(sheet)).headers["location"]
    both = await sue.check(job, column_0="notes")
    assert both.status_code == 422
    assert 'role="alert"' in both.text
    await sue.check(job, column_0="family_first")
    await sue.settled(job)
    await sue.post(f"{job}/start")
    await sue.settled(job)

    again = (await sue.hand_in(sheet)).headers["location"]

    assert 'value="family_first" selected' in await sue.page(again)


async def test_two_columns_cannot_be_the_same(sue: Person) -> None:
    job = (await sue.hand_in(SMALL)).headers["location"]
    answer = await sue.check(job, column_0="family")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2


async def test_another_sheet_of_the_file_can_be_looked_at(sue: Person) -> None:
    data = (SHEETS / "english.xlsx").read_bytes()
    job = (await sue.hand_in(data, "english.xlsx")).headers["location"]
    assert "First Name" in await sue.page(job)
    assert (await sue.post(f"{job}/sheet", sheet="Old")).headers["location"] == job
    assert "First Name" not in (await sue.browser.get(job)).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\0 a program", "πρόγραμμα"),
        (b"", "κενό"),
        (b"PK\x03\x04 not a zip", "χαλασμένο"),
        (b"%PDF-1.7 a document", "έγγραφο"),
    ],
)
async def test_what_is_no_list_is_refused_in_a_sentence_and_not_kept(
    sue: Person, tmp_path: Path, data: bytes, words: str
) -> None:
    job = (await sue.hand_in(data, "customers.xlsx")).headers["location"]
    page = await sue.page(job)
    assert words in page
    assert not list((tmp_path / "imports").rglob("sheet"))
    assert (await sue.post(f"{job}/start")).status_code == 422


async def test_what_runs_can_be_followed_and_stopped(
    office: Running, sue: Person, tmp_path: Path
) -> None:
    job = (await sue.hand_in(SMALL)).headers["location"]
    with held_if_free(tmp_path / "import.lock") as ours:
        assert ours
        await sue.check(job)
        page = await sue.page(job)
        assert "data-follow" in page
        assert (await sue.post(f"{job}/start")).status_code == 422
        assert (await sue.post(f"{job}/drop")).status_code == 422
        await sue.post(f"{job}/cancel")
        page = await sue.settled(job)
    assert "column_0" in page
    assert (await sue.post(f"{job}/drop")).headers["location"] == PLACE
    assert (await sue.browser.get(job)).status_code == 404
    assert list((tmp_path / "imports").iterdir()) == []


async def test_the_name_of_a_file_is_displayed_and_never_followed(
    sue: Person, tmp_path: Path
) -> None:
    before = files_in(tmp_path)
    job = (await sue.hand_in(SMALL, EVIL)).headers["location"]
    page = await sue.page(job)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    files = [path for path in files_in(tmp_path) - before if "imports" in path.parts]
    assert [path.name for path in files] == ["sheet"]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert files[0].parent.stat().st_mode & 0o777 == 0o700


async def test_a_file_that_is_too_large_is_refused_while_it_comes(
    sue: Person, tmp_path: Path
) -> None:
    answer = await sue.hand_in(b"a," * (LARGEST // 2 + 10))
    assert answer.status_code == 413
    assert not list((tmp_path / "imports").rglob("sheet"))

    async def without_end() -> AsyncIterator[bytes]:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        yield head
        for _ in range(2 * LARGEST // 65536):
            yield b"x" * 65536

    headers = {"content-type": "multipart/form-data; boundary=b", "x-csrf-token": sue.csrf}
    try:
        unannounced = await sue.browser.post(PLACE, content=without_end(), headers=headers)
        assert unannounced.status_code == 413
    except httpx.WriteError:
        pass  # closed before the whole body was sent
    assert not list((tmp_path / "imports").rglob("sheet"))


async def test_a_file_of_which_only_half_arrives_is_not_kept(sue: Person, tmp_path: Path) -> None:
    half = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nFirst name'
    headers = {"content-type": "multipart/form-data; boundary=b", "x-csrf-token": sue.csrf}
    for content in (half, b"", b"--b--\r\n", b"\0" * 100):
        answer = await sue.browser.post(PLACE, content=content, headers=headers)
        assert answer.status_code in {303, 400}
        if answer.status_code == 303:
            await sue.post(f"{answer.headers['location']}/drop")
    assert not list((tmp_path / "imports").rglob("sheet"))


FORMS = (
    PLACE,
    f"{PLACE}/abc/check",
    f"{PLACE}/abc/start",
    f"{PLACE}/abc/cancel",
    f"{PLACE}/abc/sheet",
    f"{PLACE}/abc/drop",
    f"{PLACE}/batches/1/undo",
)


async def test_mallory_brings_in_nothing_without_the_forms_token(office: Running) -> None:
    async with await office.client("sue") as mallory:
        for path in FORMS:
            answer = await mallory.post(path, files={"file": ("a.csv", SMALL)})
            assert answer.status_code in {400, 403}, path
            assert (await mallory.post(path, data={"csrf": "x" * 43})).status_code in {400, 403}
    assert await list_batches(office.database) == ()


async def test_mallory_from_another_site_is_refused_at_once(office: Running) -> None:
    async with await office.client("sue") as mallory:
        for path in (*FORMS, "/api/v1/imports"):
            answer = await mallory.post(
                path, content=SMALL, headers={"Origin": "https://evil.example"}
            )
            assert answer.status_code == 403, path


async def test_mallory_as_an_agent_or_a_stranger_may_neither_see_nor_do_it(
    office: Running, sue: Person
) -> None:
    job = (await sue.hand_in(SMALL)).headers["location"]
    number = job.rpartition("/")[2]
    async with await office.client("alice") as mallory:
        csrf = csrf_of((await mallory.get("/me")).text)
        assert PLACE not in (await mallory.get("/customers")).text
        for path in (PLACE, job, f"{job}/report.csv", f"/api/v1/imports/{number}"):
            assert (await mallory.get(path)).status_code == 403, path
        for path in (*FORMS, f"{job}/start", f"{job}/drop"):
            answer = await mallory.post(path, data={"csrf": csrf})
            assert answer.status_code == 403, path
    async with office.browser() as stranger:
        for path in (PLACE, job, f"{job}/report.csv"):
            assert (await stranger.get(path)).headers["location"].startswith("/login"), path
        for path in (*FORMS, f"{job}/start"):
            assert (await stranger.post(path)).headers["location"] == "/login", path
    assert "column_0" in await sue.page(job)


async def test_what_a_killed_command_line_left_is_named_and_can_be_undone(
    office: Running, sue: Person, tmp_path: Path
) -> None:
    async with office.database.writing() as connection:
        await connection.execute(
            insert(import_batches).values(filename="half.csv", imported_at=1.0, state="running")
        )
    with held_if_free(tmp_path / "import.lock") as ours:
        assert ours
        page = await sue.page(PLACE)
        assert "σε εξέλιξη" in page
        assert "batches/1/undo" not in page
        await sue.post(f"{PLACE}/batches/1/undo")
    page = await sue.page(PLACE)
    assert "ημιτελής" in page
    assert "batches/1/undo" in page
    job = (await sue.post(f"{PLACE}/batches/1/undo")).headers["location"]
    assert "όπως πριν" in await sue.settled(job)
    assert [one.state for one in await list_batches(office.database)] == ["undone"]


async def test_nothing_is_changed_by_looking(office: Running, sue: Person) -> None:
    job = (await sue.hand_in(SMALL)).headers["location"]
    for step in ("check", "start", "cancel", "sheet", "drop"):
        assert (await sue.browser.get(f"{job}/{step}")).status_code in {404, 405}
    assert (await sue.browser.get(f"{PLACE}/batches/1/undo")).status_code in {404, 405}
    assert "column_0" in await sue.page(job)


async def test_a_missing_import_is_reported(sue: Person) -> None:
    answer = await sue.browser.get(f"{PLACE}/nothing-like-it")
    assert answer.status_code == 404
    assert "δεν είναι πια εδώ" in answer.text
    assert (await sue.post(f"{PLACE}/nothing-like-it/start")).status_code == 404


async def test_an_installation_without_imports_has_no_such_pages(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, real_pages=True) as up,
        await up.client("adam") as adam,
    ):
        assert (await adam.get(PLACE)).status_code == 404
        assert (await adam.get("/api/v1/imports/abc")).status_code == 404


async def test_the_line_of_the_headings_can_be_named_and_a_wrong_one_changes_nothing(
    sue: Person,
) -> None:
    handed = await sue.hand_in(b"Name,Phone\nWer,Womit\nLaleh Karimi,691 234 5678\n")
    job = handed.headers["location"]
    assert (await sue.post(f"{job}/sheet", headings_line="2")).status_code == 303
    html = await sue.page(job)
    assert "<bdi>Wer</bdi>" in html
    assert re.search(r'name="headings_line"[^>]* value="2"', html)
    wrong = await sue.post(f"{job}/sheet", headings_line="9")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert re.search(r'name="headings_line"[^>]* value="9"[^>]* aria-invalid="true"', wrong.text)
    assert "<bdi>Wer</bdi>" in await sue.page(job)
