from pathlib import Path

import pytest

from screenpop.store.engine.database import Database
from tests.importing.import_setup import Office


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(tmp_path, database)
