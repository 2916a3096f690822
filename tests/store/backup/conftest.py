"""Settings of a database of the store's tests, and the programs that save it."""

import os
from pathlib import Path

import pytest

from screenpop.settings import Settings, settings_of
from screenpop.store.backup import sealing
from tests.store.throwaway_postgres import ensure_binaries, program_environment


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return settings_of(
        data_dir=tmp_path / "data",
        database_url=url,
        timezone="Europe/Athens",
        number_plan={"region": "GR"},
    )


@pytest.fixture
def programs_of_postgresql(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server of the tests was unpacked, its programs were too."""
    if kind == "postgresql":
        binaries = ensure_binaries()
        for name, value in program_environment(binaries).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def a_quick_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_SCRYPT_N", 2)
