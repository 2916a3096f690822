"""``/lookback``: who may count, what is refused, and that no file stays."""

from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path

import pytest

from screenpop.audit.lookback import Lookback
from screenpop.customers.models import Tier
from screenpop.web.lookback.pages import LARGEST_FILE, _save
from screenpop.web.lookback.port import LookbackRefusedError, LookbackView
from screenpop.web.ports import AdminFacts
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

FIGURES = Lookback(4812, None, None, 9, 3, 2935, {Tier.GOLD: 212}, 39, 120, 88, 17, 5000)
SEEN: list[tuple[Path, bytes, bytes | None, str]] = []


async def counted(calls: Path, sheet: Path | None, column: str) -> LookbackView:
    if column == "busy":
        raise LookbackRefusedError("busy")
    people = sheet.read_bytes() if sheet else None  # noqa: ASYNC240
    SEEN.append((calls.parent, calls.read_bytes(), people, column))  # noqa: ASYNC240
    return LookbackView(FIGURES, 2, 0)


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    admin = AdminFacts(lookback=counted)
    folder = tmp_path_factory.mktemp("lookback")
    async with running(prepared, folder, real_pages=True, admin=admin) as up:
        yield up


async def test_files_are_counted_and_removed_and_a_page_to_share_has_the_figures(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        csrf = csrf_of((await adam.get("/lookback")).text)
        files = {"calls": ("../../c.csv", b"a"), "customers": ("p.xlsx", b"b")}
        answer = await adam.post("/lookback", data={"csrf": csrf}, files=files)
        assert answer.status_code == 200
        folder, *seen = SEEN[-1]
        assert seen == [b"a", b"b", ""]
        assert not folder.exists()
        for text in ("4,812 calls", "61%", "of 120 missed calls", "could not be read: 2."):
            assert text in answer.text
        link = answer.text.partition('href="/lookback/figures.html?')[2].partition('"')[0]
        shared = await adam.get("/lookback/figures.html?" + link.replace("&amp;", "&"))
        assert shared.headers["content-disposition"].startswith("attachment")
        for text in ("4,812 calls", "61%", "212", "39", "88", "17"):
            assert text in shared.text
        for query in ("", "calls=1", "calls=-1&named_percent=1&customers=1", link + "&name=Maria"):
            assert (await adam.get(f"/lookback/figures.html?{query}")).status_code == 422


async def test_what_is_missing_or_refused_has_its_sentence(office: Running) -> None:
    async with await office.client("adam") as adam:
        csrf = csrf_of((await adam.get("/lookback")).text)
        nothing = await adam.post("/lookback", data={"csrf": csrf}, files={"calls": ("", b"")})
        assert nothing.status_code == 422
        assert "Choose the call list." in nothing.text
        data = {"csrf": csrf, "number_column": "busy"}
        busy = await adam.post("/lookback", data=data, files={"calls": ("c.csv", b"a")})
        assert "Another count is running." in busy.text
        forged = await adam.post("/lookback", data={"csrf": "x"}, files={"calls": ("c", b"a")})
        assert forged.status_code == 403


async def test_an_agent_may_not_count_and_without_a_service_there_is_no_page(
    office: Running, shared: Running
) -> None:
    async with await office.client("alice") as alice:
        assert (await alice.get("/lookback")).status_code == 403
        assert (await alice.post("/lookback", files={"calls": ("c", b"a")})).status_code == 403
        figures = "/lookback/figures.html?calls=1&named_percent=1&customers=1"
        assert (await alice.get(figures)).status_code == 403
    async with await shared.client("adam") as adam:
        assert (await adam.get("/lookback")).status_code == 404


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not(tmp_path: Path) -> None:
    _save(BytesIO(bytes(LARGEST_FILE)), tmp_path / "largest")
    assert (tmp_path / "largest").stat().st_size == LARGEST_FILE
    with pytest.raises(LookbackRefusedError, match=r"refusal\.too_big"):
        _save(BytesIO(bytes(LARGEST_FILE + 1)), tmp_path / "larger")
