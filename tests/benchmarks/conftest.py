"""What the tests of the rig share: a small database, a PBX and browsers that are stopped."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.browsers import Browsers
from benchmarks.customers import make_customers
from benchmarks.pbx import Pbx

CUSTOMERS = 50


@pytest.fixture(scope="session")
def few_customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("customers") / "few.db"
    make_customers(path, CUSTOMERS)
    return path


@pytest.fixture
def database(few_customers: Path, tmp_path: Path) -> Path:
    """One that may be written to."""
    copy = tmp_path / "screenpop.db"
    shutil.copyfile(few_customers, copy)
    return copy


@pytest.fixture
def pbx() -> Iterator[Pbx]:
    with Pbx() as running:
        yield running


@pytest.fixture
def browsers() -> Iterator[Browsers]:
    with Browsers() as running:
        yield running
