"""Runs tests against a module with one bug in it, in a forked process.

The process that forks has loaded pytest and all libraries, but nothing of ``screenpop`` or of the
tests: those the child imports, the module with the bug from its changed syntax tree.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Container, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from typing_extensions import override

_MEMORY_BYTES = 4 << 30
_PYTEST = (
    *("-x", "-q", "--no-header", "-o", "timeout=0", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
OUR_PACKAGES = ("screenpop", "tests")


class ChangedModule(MetaPathFinder, Loader):
    """Imports one module from given code instead of its file."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name = name
        self._path = path
        self._code = code

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the changed module, None for all others."""
        if fullname != self._name:
            return None
        is_package = self._path.name == "__init__.py"
        return spec_from_file_location(
            fullname,
            self._path,
            loader=self,
            submodule_search_locations=[str(self._path.parent)] if is_package else None,
        )

    @override
    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - the planted bug


class Selected:
    """Keeps the tests that run the changed line, quickest first.

    ``known`` are all tests without a bug. One that is not among them has its name from a changed
    constant, and is kept.
    """

    def __init__(self, durations: dict[str, float], known: Container[str]) -> None:
        self._durations = durations
        self._known = known

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [i for i in items if i.nodeid in self._durations or i.nodeid not in self._known]
        items[:] = sorted(kept, key=lambda item: self._durations.get(item.nodeid, 0.0))


def run_tests(files: Iterable[str], *plugins: object, conftest: bool) -> int:
    """Run the tests of these files quietly in this process; return pytest's exit code.

    The tests of pure packages need no ``conftest.py``, which imports the database.
    """
    options = () if conftest else ("--noconftest",)
    with (
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        return int(pytest.main([*_PYTEST, *options, *files], plugins=[*plugins]))


def fork(work: Callable[[], int], limit_s: int) -> int:
    """Start ``work`` in a child and return its process id; its result is the exit code.

    SIGALRM ends the child after ``limit_s`` seconds: a bug may loop for ever.
    """
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limit_s)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = 1
    try:
        code = work()
    finally:
        sys.stdout.flush()
        os._exit(code)


def library_names() -> list[str]:
    """Return the libraries that are loaded now, without the product and the tests."""
    return [name for name in sys.modules if name.partition(".")[0] not in OUR_PACKAGES]
