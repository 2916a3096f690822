"""``screenpop rotate-key``: on a stopped server only, and no backup is made in between."""

import asyncio
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screenpop.cli import cli
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.engine.database import migrate, open_database


def test_the_key_is_exchanged_on_a_stopped_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "screenpop.toml").write_text(f'data_dir = "{data}"\n[number_plan]\nregion = "GR"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCREENPOP_SETTINGS", raising=False)
    url = f"sqlite:///{data / 'screenpop.db'}"
    migrate(url)
    runner = CliRunner()

    async def make_key() -> None:
        database = open_database(url, data)
        await load_document_key(database)
        await database.close()

    assert "nothing to exchange" in runner.invoke(cli, ["rotate-key"]).stdout
    asyncio.run(make_key())
    old = (data / "document.key").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        (data / "url").write_text(f"http://127.0.0.1:{server.getsockname()[1]}")
        refused = runner.invoke(cli, ["rotate-key"])
        assert (refused.exit_code, "Stop it" in refused.output) == (1, True)
    (data / "url").unlink()
    (data / "document.key.next").touch()
    refused = runner.invoke(cli, ["backup", str(tmp_path)])
    assert (refused.exit_code, "half exchanged" in refused.output) == (1, True)
    (data / "document.key.next").unlink()
    assert "is a new key" in runner.invoke(cli, ["rotate-key"]).stdout
    assert (data / "document.key").read_bytes() != old
    assert oct((data / "document.key").stat().st_mode)[-3:] == "600"
