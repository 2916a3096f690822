import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.web.running_server import Running, add_people, running


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def prepared(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.db"
    shutil.copy(migrated_sqlite, path)
    asyncio.run(add_people(path))
    return path


@pytest.fixture
async def server(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path) as up:
        yield up


@pytest.fixture(scope="module")
async def shared(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    """For tests that leave nothing behind."""
    async with running(prepared, tmp_path_factory.mktemp("shared")) as up:
        yield up
