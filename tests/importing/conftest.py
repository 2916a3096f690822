import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.store.database import Database, migrate, open_database
from tests.importing.office import Office


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
async def database(empty_file: Path, tmp_path: Path) -> AsyncGenerator[Database]:
    shutil.copy(empty_file, tmp_path / "screenpop.db")
    opened = open_database(f"sqlite:///{tmp_path / 'screenpop.db'}")
    yield opened
    await opened.close()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(tmp_path, database)
