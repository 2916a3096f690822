"""Packages built once a run; a fresh root for each test that asks for one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.deb import build_deb
from release.targets import SUITES, this_architecture
from release.wheelhouse import build_wheelhouse
from tests.install.fresh_debian import (
    FreshDebian,
    base_system,
    fresh_debian,
    require_namespaces,
    skipped_without,
)

ASKED = "SCREENPOP_TEST_INSTALL"
"""The environment variable that ``make test-install`` sets."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests take minutes: only ``make test-install`` runs them."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.timeout(1800))
            if os.environ.get(ASKED) != "1":
                item.add_marker(pytest.mark.skip(reason="takes minutes: make test-install"))


@pytest.fixture(scope="session", params=[suite.name for suite in SUITES])
def suite(request: pytest.FixtureRequest) -> str:
    """A release of Debian whose base system is in the cache; skipped, or failed in CI, if not."""
    name = str(request.param)
    with skipped_without(f"Debian {name}"):
        require_namespaces()
        base_system(name)
    return name


@pytest.fixture(scope="session")
def packages(suite: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The packages of two versions, the older one first."""
    folder = tmp_path_factory.mktemp("debs")
    (chosen,) = (one for one in SUITES if one.name == suite)
    architecture = this_architecture()
    older = build_deb(chosen, architecture, folder, "0.0.9")
    return older, build_deb(chosen, architecture, folder)


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tar file."""
    return build_wheelhouse(this_architecture(), tmp_path_factory.mktemp("wheelhouse"))


@pytest.fixture
def root(suite: str) -> Iterator[FreshDebian]:
    """A fresh system that reaches nothing outside."""
    with fresh_debian(suite, offline=True) as running:
        yield running
