"""Fixtures that run commands in a folder of the test."""

import shutil
from pathlib import Path

import pytest

from tests.cli.commands import Run, running_in


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """In a folder of its own, with a settings file and nothing in the environment."""
    return running_in(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ``screenpop migrate`` leaves it: to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        assert running_in(folder, patch)("migrate").exit_code == 0
    return folder / "data"


@pytest.fixture
def migrated(data_folder: Path, tmp_path: Path, run: Run) -> Run:
    shutil.copytree(data_folder, tmp_path / "data")
    return run
