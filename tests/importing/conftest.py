from pathlib import Path

import pytest

from screenpop.store.database import Database
from tests.importing.office import Office


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(tmp_path, database)
