"""``screenpop doctor`` against a simulated PBX."""

import time
from pathlib import Path

from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx
from tests.cli.commands import SETTINGS, Run


class Office:
    """A PBX on a thread of its own, while the doctor visits."""

    def __init__(self) -> None:
        import asyncio
        import threading
        from datetime import UTC, datetime

        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        pbx = SimulatedPbx(time.time, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        self._server = AmiServer(pbx, Account("screenpop", "right secret"))
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        self._up.wait()

    @property
    def port(self) -> int:
        return self._server.port

    async def _run(self) -> None:
        async with self._server.listening():
            self._up.set()
            await self._stop.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


def pbx_settings(port: int, secret: str) -> str:
    return (
        f'{SETTINGS}\n[[pbx]]\nid = "office"\nport = {port}\n'
        f'username = "screenpop"\nsecret = "{secret}"\n'
    )


def test_the_doctor_finds_a_healthy_installation_healthy(migrated: Run, tmp_path: Path) -> None:
    office = Office()
    try:
        (tmp_path / "screenpop.toml").write_text(pbx_settings(office.port, "right secret"))
        result = migrated("doctor")
    finally:
        office.close()
    assert result.exit_code == 0, result.output
    assert "accepts the login and sends its calls" in result.stdout


def test_the_doctor_reports_what_is_wrong_with_a_pbx(migrated: Run, tmp_path: Path) -> None:
    office = Office()
    try:
        (tmp_path / "screenpop.toml").write_text(pbx_settings(office.port, "wrong secret"))
        result = migrated("doctor")
    finally:
        office.close()
    assert result.exit_code == 1
    assert "does not accept the login screenpop" in result.stderr
    (tmp_path / "screenpop.toml").write_text(pbx_settings(1, "right secret"))
    result = migrated("doctor")
    assert result.exit_code == 1
    assert "nothing listens on port 1" in result.stderr


def test_the_doctor_reports_that_no_pbx_is_set(migrated: Run) -> None:
    result = migrated("doctor")
    assert result.exit_code == 0
    assert "no call will be seen" in result.stderr
