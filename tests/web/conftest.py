import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.web.running import Running, make_database, running


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.db"
    asyncio.run(make_database(path))
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
