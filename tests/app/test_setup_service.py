"""The page ``/admin/setup`` of a running server: read, confirm, write, start anew."""

import re
import stat
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from screenpop.accounts.users import UserId
from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.app.setup_service import KEPT_S, SetupService
from screenpop.demo.seed import DEMO_PASSWORD
from screenpop.discovery.proposal import ChosenItems
from screenpop.settings import load_settings
from screenpop.web.setup.port import PbxLogin, SetupRefusedError
from tests.ami.speaking_server import SpeakingServer
from tests.discovery.listing_pbx import FREEPBX_ROWS, ListingPbx

pytestmark = pytest.mark.anyio

SECRET = "a secret of the office"
ADMIN = UserId(1)
EVERYTHING = ChosenItems(
    frozenset({"otenet"}), frozenset({"101", "102"}), frozenset({"2109100070"}), frozenset()
)


@pytest.fixture
def settings_file(folder: Path, tmp_path: Path) -> Path:
    file = tmp_path / "etc" / "screenpop.toml"
    file.parent.mkdir()
    file.write_text(f'data_dir = "{folder}"\nbind_port = 0\n[number_plan]\nregion = "GR"\n')
    return file


@asynccontextmanager
async def serving(file: Path) -> AsyncIterator[App]:
    async with running(load_settings(file), None, file) as app:
        yield app


@asynccontextmanager
async def logged_in(app: App, username: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=app.url, follow_redirects=True) as client:
        csrf = csrf_in((await client.get("/login")).text)
        form = {"username": username, "password": DEMO_PASSWORD, "csrf": csrf}
        await client.post("/login", data=form)
        yield client


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def check_written(settings_file: Path) -> None:
    [written] = tomllib.loads(settings_file.read_text())["pbx"]
    assert [one["name"] for one in written["trunks"]] == ["otenet"]
    secret = Path(written["secret_file"])
    assert secret.read_text().strip() == SECRET
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


async def test_the_pbx_is_read_confirmed_and_the_server_starts_anew_with_it(
    settings_file: Path,
) -> None:
    free_phone: dict[str, object] = {"Event": "DeviceStateChange", "Device": "PJSIP/180"}
    devices = [*FREEPBX_ROWS["DeviceStateList"], free_phone]
    pbx = ListingPbx(secret=SECRET, lists=FREEPBX_ROWS | {"DeviceStateList": devices})
    with SpeakingServer(pbx) as ami:
        async with serving(settings_file) as app, logged_in(app, "admin") as admin:
            form = await admin.get("/admin/setup")
            login = {"csrf": csrf_in(form.text), "host": "127.0.0.1", "username": "screenpop"}
            login |= {"port": str(ami.port)}
            wrong = await admin.post("/admin/setup/read", data={**login, "secret": "another one"})
            assert wrong.status_code == 422
            assert "another one" not in wrong.text
            read = await admin.post("/admin/setup/read", data={**login, "secret": SECRET})
            assert read.status_code == 200
            assert SECRET not in read.text
            assert 'value="otenet" checked' in read.text
            chosen = {"csrf": csrf_in(read.text), "trunks": "otenet", "lines": "2109100070"}
            chosen |= {"extensions": "180"}
            done = await admin.post("/admin/setup/apply", data=chosen)
            assert done.status_code == 200, done.text
            assert "first-password" in done.text
            assert (await admin.get("/admin/setup/proposal")).url.path == "/admin/setup"
            await admin.post("/admin/setup/restart", data={"csrf": csrf_in(done.text)})
            await app.stop.wait()
            assert app.restarts
        check_written(settings_file)
        async with serving(settings_file) as app, logged_in(app, "admin") as admin:
            page = await admin.get("/admin/setup")
            assert "screenpop setup --replace" in page.text
            state = (await admin.get("/admin/setup/state?since=0")).json()
            assert [one["pbx"] for one in state["links"]] == ["office"]


async def test_only_administrators_of_a_server_with_a_settings_file_have_the_page(
    settings_file: Path,
) -> None:
    async with serving(settings_file) as app:
        async with logged_in(app, "maryam") as agent:
            for path in ("", "/proposal", "/check", "/state?since=0"):
                assert (await agent.get(f"/admin/setup{path}")).status_code == 403
            csrf = csrf_in((await agent.get("/me")).text)
            for path in ("read", "apply", "restart"):
                denied = await agent.post(f"/admin/setup/{path}", data={"csrf": csrf})
                assert denied.status_code == 403
        async with logged_in(app, "admin") as admin:
            for path in ("read", "apply", "restart"):
                forged = await admin.post(f"/admin/setup/{path}", data={"csrf": "forged"})
                assert forged.status_code == 403
    async with running(load_settings(settings_file)) as app, logged_in(app, "admin") as admin:
        assert (await admin.get("/admin/setup")).status_code == 404


async def test_settings_that_may_not_be_written_are_given_as_text_and_refusals_have_codes(
    settings_file: Path,
) -> None:
    now = [1000.0]
    missing = settings_file.parent / "not there" / "screenpop.toml"
    async with serving(settings_file) as app:

        def service(path: Path) -> SetupService:
            return SetupService(app.settings, path, app.database, lambda: None, lambda: now[0])

        async def code_of(path: Path, login: PbxLogin) -> str:
            with pytest.raises(SetupRefusedError) as refused:
                await service(path).read(ADMIN, login)
            return refused.value.code

        assert await code_of(missing, PbxLogin("h", 1, "u", "short")) == "setup_problem.secret"
        assert await code_of(missing, PbxLogin(" ", 1, "u", SECRET)) == "setup_problem.incomplete"
        with SpeakingServer(ListingPbx(secret=SECRET, lists=FREEPBX_ROWS)) as ami:
            login = PbxLogin("127.0.0.1", ami.port, "screenpop", SECRET)
            setup = service(missing)
            await setup.read(ADMIN, login)
            now[0] += KEPT_S - 1
            assert setup.proposal(ADMIN) is not None
            assert setup.proposal(UserId(2)) is None
            done = await setup.apply(ADMIN, EVERYTHING, "fa")
            assert "[[pbx]]" in done.text
            assert SECRET not in done.text
            await setup.read(ADMIN, login)
            now[0] += KEPT_S
            assert setup.proposal(ADMIN) is None
            with pytest.raises(SetupRefusedError, match="too_old"):
                await setup.apply(ADMIN, EVERYTHING, "fa")
