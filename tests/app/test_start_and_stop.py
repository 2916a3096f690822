"""The application starts, refuses to start, and stops."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest
import typer

from screenpop.app.background_tasks import PartFailedError
from screenpop.app.data_dir import DataDirError
from screenpop.app.running_app import App
from screenpop.app.server import running, serve
from screenpop.cli.console import PART_FAILED_STATUS, errors_as_sentences
from screenpop.demo.settings import demo_settings, prepare_demo
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.web.listen_socket import ListeningError
from tests.app.running_app import NOW, page, simulating

pytestmark = pytest.mark.anyio


async def test_the_demo_rings_the_agent_of_an_open_page_within_seconds(folder: Path) -> None:
    settings = demo_settings(0, folder)
    demo = await prepare_demo(settings, NOW.timestamp())
    async with running(settings, demo) as app, page(app, "eleni") as eleni:
        opened_at = asyncio.get_running_loop().time()
        card = await eleni.card("ringing")
        assert asyncio.get_running_loop().time() - opened_at < 5
        assert card["match"] == "certain"
        assert card["line"]["label"]


@pytest.mark.defends("data-folder")
async def test_the_token_and_the_folder_are_for_this_user_only(
    tmp_path: Path, seeded: Path
) -> None:
    folder = tmp_path / "new"
    url = f"sqlite:///{seeded}"
    async with running(simulating(folder, database_url=url)) as app:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
        assert (folder / "url").read_text().strip() == app.url
    assert not (folder / "url").exists()


async def test_a_server_without_its_schema_stops_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError, match="screenpop migrate"):
        async with running(simulating(tmp_path)):
            pass


async def test_a_port_that_is_taken_is_reported(app: App, tmp_path: Path) -> None:
    port = int(app.url.rpartition(":")[2])
    taken = simulating(tmp_path).model_copy(update={"bind_port": port})
    with pytest.raises(ListeningError, match="already taken"):
        async with running(taken):
            pass


async def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError, match="data_dir"):
        async with running(simulating(tmp_path / "file" / "data")):
            pass


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_stops_within_seconds_though_a_browser_sleeps(
    folder: Path, how: signal.Signals
) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "screenpop.cli", "demo", "--port", "0", "--no-browser"),
        *("--data", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert server.stdout is not None
    async with asyncio.timeout(60):
        output = b""
        while b"stops it" not in output:
            line = await server.stdout.readline()
            assert line, output
            output += line
    url = (folder / "url").read_text().strip()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.readline()
    server.send_signal(how)
    async with asyncio.timeout(15):
        _, errors = await server.communicate()
    writer.close()
    assert server.returncode == 0, errors.decode()
    assert b"Traceback" not in errors, errors.decode()


async def test_a_server_of_which_a_part_fails_ends_with_a_status_of_its_own(folder: Path) -> None:
    async def fails() -> None:
        raise OSError("a part that fails")

    with pytest.raises(PartFailedError):
        await serve(simulating(folder), ready=lambda app: app.tasks.start(fails()))
    with pytest.raises(typer.Exit) as ended, errors_as_sentences():
        raise PartFailedError
    assert ended.value.exit_code == PART_FAILED_STATUS == 70
