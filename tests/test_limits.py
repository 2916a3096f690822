"""Every constant that the product compares has a test at the limit and one beside it.

Only modules that compare, and those they import from, are parsed: this check runs each time.
"""

import ast
import re
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("limits.toml")
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
FIELD_LIMITS = frozenset({"max_length", "min_length", "gt", "ge", "lt", "le"})
COMPARES = re.compile(r"\s[<>]=?\s|\b(?:max_length|min_length|gt|ge|lt|le)=")
"""Matches in every module that compares by order, as ``ruff format`` writes it."""

Names = dict[str, tuple[str, str]]
"""A name in a module to the module that defines it and its name there."""


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(tree: ast.AST) -> Names:
    """Return the names that a module imports, anywhere in it."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def defined_constants(tree: ast.Module) -> set[str]:
    """Return the names in capitals that are assigned at module level."""
    assigned: set[str] = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        names = [name for target in targets for name in ast.walk(target)]
        assigned |= {name.id for name in names if isinstance(name, ast.Name)}
    return {name for name in assigned if name.isupper()}


def limits_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is compared by order, and the limits of declared fields (``max_length=``)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ORDERS) for op in node.ops):
            yield node
        elif isinstance(node, ast.keyword) and node.arg in FIELD_LIMITS:
            yield node.value


def used_names(node: ast.AST, names: Names) -> Iterator[tuple[str, str]]:
    """Yield module and name of what an expression names, through imports and ``module.NAME``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in names:
            yield names[inner.id]
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            module = ".".join(names.get(inner.value.id, ("", inner.value.id)))
            yield module, inner.attr


def compared_constants(root: Path) -> set[str]:
    """Return ``module.NAME`` of each constant at module level that is compared by order."""
    sources = {module_name(path, root.parent): path.read_text() for path in root.rglob("*.py")}
    compared: set[tuple[str, str]] = set()
    for module, source in sources.items():
        if COMPARES.search(source):
            tree = ast.parse(source)
            names = imported_names(tree) | {
                name: (module, name) for name in defined_constants(tree)
            }
            for limit in limits_in(tree):
                compared |= set(used_names(limit, names))
    named = [(module, name) for module, name in compared if name.isupper() and module in sources]
    constants = {module: defined_constants(ast.parse(sources[module])) for module, _ in named}
    return {f"{module}.{name}" for module, name in named if name in constants[module]}


@cache
def compared_in_the_product() -> frozenset[str]:
    return frozenset(compared_constants(ROOT / "screenpop"))


def names_of_tests(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def is_a_test(where: str) -> bool:
    """Return whether ``file::test`` exists."""
    file, _, name = where.partition("::")
    path = ROOT / file
    return path.is_file() and name in names_of_tests(path)


def table() -> dict[str, dict[str, str]]:
    return tomllib.loads(TABLE.read_text())


def names_in_tests(names: Collection[str]) -> set[str]:
    """Return which of these names a test imports or reads from a module."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        source = path.read_text()
        if any(name in source for name in names):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ImportFrom):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.Attribute):
                    found.add(node.attr)
    return found & set(names)


def untested_constants() -> list[str]:
    """Return compared constants that neither a test names nor the table lists."""
    known = table()
    new = compared_in_the_product() - {*known["tested"], *known["untested"]}
    named = names_in_tests({constant.rpartition(".")[2] for constant in new})
    return sorted(constant for constant in new if constant.rpartition(".")[2] not in named)


def test_every_constant_that_is_compared_is_named_in_a_test_or_in_the_table() -> None:
    untested = untested_constants()
    assert not untested, (
        "Compared with <, <=, > or >=, and no test names it. Write a test with the value at the "
        "limit and one beside it. Import the constant there, or list the test in "
        f"tests/limits.toml under [tested]: {untested}"
    )


def test_every_constant_in_the_table_is_still_compared() -> None:
    known = table()
    gone = {*known["tested"], *known["untested"]} - compared_in_the_product()
    assert not gone, f"Renamed, moved or no longer compared; mend tests/limits.toml: {gone}"


def test_no_limit_is_both_tested_and_untested() -> None:
    assert table()["tested"].keys().isdisjoint(table()["untested"])


def test_every_test_that_the_table_names_exists() -> None:
    assert [where for where in table()["tested"].values() if not is_a_test(where)] == []


def test_every_untested_limit_has_a_reason() -> None:
    assert [name for name, reason in table()["untested"].items() if len(reason) < 20] == []


@pytest.mark.parametrize(
    "source",
    [
        "if x < MOST: pass",
        "FEWEST, MOST = 2, 8\nif MOST >= x: pass",
        "if 0 <= x <= MOST * 2: pass",
        "def f(x): return x if x > MOST else MOST",
        "Text = Annotated[str, Field(max_length=MOST)]",
    ],
)
def test_a_constant_that_is_compared_in_its_module_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "rules.py").write_text(f"MOST: int = 8\nOTHER = 9\n{source}")
    assert compared_constants(tmp_path / "shop") == {"shop.rules.MOST"}


@pytest.mark.parametrize(
    "source",
    [
        "from shop.rules import MOST\nif x > MOST: pass",
        "from shop.rules import MOST as most\nif x > most: pass",
        "from shop import rules\nif x > rules.MOST: pass",
    ],
)
def test_a_constant_that_another_module_compares_is_found_where_it_is_defined(
    tmp_path: Path, source: str
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "rules.py").write_text("MOST = 8\nOTHER = 9")
    (tmp_path / "shop" / "till.py").write_text(source)
    assert compared_constants(tmp_path / "shop") == {"shop.rules.MOST"}


def test_a_constant_that_is_only_read_or_compared_for_equality_is_no_limit(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("MOST = 8\nif x == MOST: print(MOST)")
    assert compared_constants(tmp_path) == set()
