import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.demo.seed import seed_demo
from screenpop.store.engine.database import migrate, open_database
from tests.app.running_app import NOW, simulating


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's users and some of its customers."""
    path = tmp_path_factory.mktemp("seeded") / "screenpop.db"
    url = f"sqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        database = open_database(url)
        await seed_demo(database, today=NOW.date(), now=NOW.timestamp(), people=30)
        await database.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    shutil.copy(seeded, tmp_path / "screenpop.db")
    return tmp_path


@pytest.fixture
async def app(folder: Path) -> AsyncGenerator[App]:
    async with running(simulating(folder)) as up:
        yield up
