"""Texts of strangers in every column that holds free text: pages, API, feeds and exports have them
as text. ``tests/browser/test_hostile_texts.py`` shows the same database to Chromium."""

import csv
import io
import re
import shutil
import time
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from screenpop.accounts.token_scopes import Scope
from screenpop.exporting.client import ExportService
from screenpop.store.accounts.board_links import make_board_link
from screenpop.store.accounts.calendar_feeds import make_calendar_feed
from screenpop.store.schema.account_tables import sessions
from screenpop.web.lookup.phonebook import PhoneBrand
from tests.hostile_columns import CODES, FREE
from tests.hostile_office import (
    PLACES,
    TABLES,
    as_json,
    fill_with_hostile_texts,
    text_columns,
    texts_in,
)
from tests.hostile_texts import MARK, PRODUCT
from tests.web.hostile import filled, routes_of
from tests.web.running_server import Running, csrf_of, running
from tests.web.strict_html import StrictPage
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "fa", "el")
LEFT_OUT = ("/static/", "/i18n/", "/api/v1/asyncapi.json")
"""They have no text of a stranger."""
FIRST_NUMBER = "+989123456789"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_SIGNED_NUMBER = re.compile(r"[+-][0-9. ]*")


@pytest.fixture(scope="module")
async def office(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("hostile-texts")
    filled_path = folder / "filled.db"
    shutil.copy(migrated_sqlite, filled_path)
    await fill_with_hostile_texts(filled_path)
    exports = ExportService(f"sqlite:///{folder / 'web.db'}", folder)
    async with running(filled_path, folder, real_pages=True, demo=True, export=exports) as up:
        await up.log_in("admin")
        async with up.database.writing() as connection:  # so that no page asks for the password
            await connection.execute(update(sessions).values(confirmed_at=time.time()))
        yield up


def test_each_column_of_text_is_filled_or_named_a_code() -> None:
    assert text_columns() == {*FREE, *CODES}
    assert not {*FREE} & {*CODES}


async def test_each_column_has_a_hostile_text(office: Running) -> None:
    empty = []
    async with office.database.reading() as connection:
        for name in FREE:
            table, _, column = name.partition(".")
            texts = TABLES[table].c[column]
            found = select(func.count()).where(texts.contains(MARK))
            if not await connection.scalar(found):
                empty.append(name)
    assert empty == []


@pytest.mark.slow
@pytest.mark.timeout(180)  # four hundred requests
async def test_each_page_and_answer_has_the_texts_of_strangers_as_text(office: Running) -> None:
    faults: list[tuple[str, str, object]] = []
    with_texts = 0
    routes = [route for route in routes_of(office.web.pages) if "GET" in (route.methods or ())]
    paths = [
        PLACES.get(route.path, filled(route.path, "1"))
        for route in routes
        if not route.path.startswith(LEFT_OUT)
    ]
    async with await office.client("admin") as admin:
        for language in LANGUAGES:
            csrf = csrf_of((await admin.get("/me")).text)
            await admin.post("/me", data={"csrf": csrf, "language": language, "theme": "light"})
            for path in paths:
                answer = await admin.get(path)
                with_texts += MARK in answer.text
                faults += [(language, path, fault) for fault in _faults(answer)]
    assert faults == []
    assert with_texts > 3 * 60


RANDOM = frozenset({"set-cookie", "content-security-policy", "etag"})
"""Headers with random letters of ours, in which a mark of two can be by chance."""


def _faults(answer: httpx.Response) -> list[object]:
    """Return what is wrong with the answer of a page or of the API."""
    found: list[object] = []
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    # 503: no attachment can be opened without the key of the demo.
    if answer.status_code >= 500 and answer.status_code != 503:
        found.append(answer.status_code)
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("may be sniffed")
    if PRODUCT in answer.text:
        found.append("a template was evaluated")
    values = [f"{k} {'' if k.lower() in RANDOM else v}" for k, v in answer.headers.items()]
    if any(MARK.lower() in value.lower() for value in values):
        found.append("a header has a text")
    if kind == "text/html" and not answer.text.lstrip().startswith("<!doctype"):
        found += StrictPage(f"<main>{answer.text}</main>").faults
    elif kind == "text/html":
        found += StrictPage(answer.text).faults
    elif kind.endswith("json"):
        list(texts_in(as_json(answer.text)))
    elif kind.endswith("xml"):
        _xml(answer.content)
    elif MARK in answer.text:
        found.append(f"{kind} is not checked")
    return found


async def test_phones_and_programs_get_names_in_one_line_without_markup(office: Running) -> None:
    paths = ["/api/v1/phonebook.xml", "/api/v1/phonebook.xml?ascii=1"]
    paths += [f"/api/v1/phonebook/{brand.value}/phonebook.xml" for brand in PhoneBrand]
    lookup = f"/api/v1/lookup?number=%2B{FIRST_NUMBER[1:]}"
    token = await make_token(office, Scope.LOOKUP_READ, Scope.PHONEBOOK_READ, maker=None)
    async with office.browser(**bearer(token)) as program:
        for path in paths:
            answer = await program.get(path)
            assert answer.status_code == 200, path
            book = _xml(answer.content)
            texts = [element.text or "" for element in book.iter()]
            assert any(MARK in text for text in texts), path
            assert not {element.tag for element in book.iter() if "zq" in element.tag.lower()}
            assert not any(_CONTROL.search(text) or "\n" in text.strip() for text in texts), path
        text = (await program.get(f"{lookup}&format=text")).text
        assert MARK in text
        assert "\n" not in text.rstrip("\n")
        assert not _CONTROL.search(text)
        for form in ("json", "contacts"):
            answer = await program.get(f"{lookup}&format={form}")
            assert not any(_CONTROL.search(one) for one in texts_in(as_json(answer.text)))


async def test_a_calendar_has_the_events_and_properties_of_ours_only(office: Running) -> None:
    user = office.id("maryam")
    token = await make_calendar_feed(office.database, user, time.time(), shows_names=True)
    async with office.browser() as program:
        answer = await program.get(f"/calendar/{token}.ics")
    calendar = Calendar.from_ical(answer.content)
    assert MARK in answer.text
    assert [part.name for part in calendar.walk()].count("VEVENT") == 2
    assert not [name for part in calendar.walk() for name in part if MARK.lower() in name.lower()]
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", answer.content)
    assert not calendar.errors


async def test_a_wall_screen_has_the_texts_of_strangers_as_text(office: Running) -> None:
    token = await make_board_link(
        office.database, office.id("admin"), MARK, 1, time.time(), shows_names=True
    )
    async with office.browser() as screen:
        for path in (f"/screen/{token}", f"/screen/{token}/figures"):
            answer = await screen.get(path)
            assert answer.status_code == 200
            assert _faults(answer) == []


EXPORTS = {
    "/customers/export": ("csv", "xlsx", "payments"),
    "/calls/export": ("csv", "xlsx"),
    "/vouchers/export": ("csv",),
    "/offers/report/export": ("xlsx",),
    "/reports/calls/export": ("xlsx",),
    "/reports/trips/export": ("xlsx",),
}


@pytest.mark.slow
@pytest.mark.timeout(180)  # nine processes
async def test_no_cell_of_an_export_is_a_formula_and_no_text_makes_a_row(office: Running) -> None:
    faults, with_texts = [], 0
    async with await office.client("admin") as admin:
        csrf = csrf_of((await admin.get("/me")).text)
        for path, kinds in EXPORTS.items():
            for kind in kinds:
                form = {"csrf": csrf, "format": kind}
                answer = await admin.post(path, data=form, timeout=60)
                assert answer.status_code == 200, (path, kind, answer.text[:300])
                rows = _workbook(answer.content) if kind == "xlsx" else _sheet(answer.text)
                with_texts += any(MARK in cell for row in rows for cell in row)
                if kind != "xlsx" and len({len(row) for row in rows}) != 1:
                    faults.append((path, kind, "rows of unequal length"))
                cells = {cell for row in rows for cell in row}
                faults += [(path, kind, cell) for cell in cells if _is_formula(cell)]
    assert faults == []
    assert with_texts > 5


def _xml(content: bytes) -> Element:
    return fromstring(content)  # noqa: S314 -- our own


def _is_formula(cell: str) -> bool:
    """Return whether a spreadsheet program would calculate the cell, or one phone of its list."""
    return any(
        part.startswith(_FORMULA_STARTS) and not _SIGNED_NUMBER.fullmatch(part)
        for part in (cell.split("; ") if cell.startswith("+") else [cell])
    )


def _sheet(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def _workbook(content: bytes) -> list[list[str]]:
    """Return the texts of all cells. Asserts that no part has a formula or leads elsewhere."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            _xml(parts.read(name))
            assert b"<f>" not in parts.read(name), name
            assert b"TargetMode" not in parts.read(name), name
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [
        [cell for cell in row if isinstance(cell, str)]
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
    ]
