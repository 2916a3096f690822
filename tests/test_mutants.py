"""The planted bugs of ``tests.mutation`` are bugs: each changes what the code does."""

import ast
from pathlib import Path

import pytest

from tests.mutation.mutants import list_mutants, plant_mutant

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a < 3", {"a <= 3", "a < 4"}),
        ("a >= b", {"a > b"}),
        ("a in {X.b, X.c}", {"a not in {X.b, X.c}", "a in {X.b}", "a in {X.c}"}),
        ("a and b and c", {"a and b", "b and c", "a and c"}),
        ("a or b", {"a or False", "False or b"}),
        ("not a", {"not not a"}),
        ("a + b", {"a - b"}),
        ("x = True", {"x = False"}),
        ("x = 'NOANSWER'", {"x = 'NOANSWER~'"}),
        ("x = {'a': b, 'c': d}", {"x = {'a': b}", "x = {'c': d}", "x = {'a~': b, 'c': d}",
                                  "x = {'a': b, 'c~': d}"}),
        ("def f():\n    return a", {"def f():\n    return None"}),
        ("def f():\n    g()\n    x.y = z", {"def f():\n    pass\n    x.y = z",
                                          "def f():\n    g()\n    pass"}),
        ("a if b else c", {"a if False else c", "a if True else c"}),
        ("def f(x: int=Y) -> 'Z':\n    'Documentation.'", set()),
        ("raise ValueError('text')", set()),
    ],
)  # fmt: skip
def test_each_bug_of_a_piece_of_source_is_planted_alone(source: str, changed: set[str]) -> None:
    planted = {
        ast.unparse(plant_mutant(source, mutant.index)).strip() for mutant in list_mutants(source)
    }
    assert planted == changed


def test_only_limits_are_the_orders_and_the_numbers_they_name() -> None:
    source = "MOST = 8\nOTHER = 9\nx == 4\ny > MOST\nz < 2"
    planted = {
        ast.unparse(plant_mutant(source, mutant.index, only_limits=True)).replace("\n", "; ")
        for mutant in list_mutants(source, only_limits=True)
    }
    plain = source.replace("\n", "; ")
    assert planted == {
        plain.replace("MOST = 8", "MOST = 9"),
        plain.replace("MOST = 8", "MOST = 7"),
        plain.replace("y > MOST", "y >= MOST"),
        plain.replace("z < 2", "z <= 2"),
        plain.replace("z < 2", "z < 3"),
        plain.replace("z < 2", "z < 1"),
    }


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "screenpop" / "calls").glob("*.py")),
    ids=lambda path: path.name,
)
def test_planted_bugs_of_a_real_module_compile(path: Path) -> None:
    source = path.read_text()
    for mutant in list_mutants(source)[::20]:
        compile(plant_mutant(source, mutant.index), str(path), "exec")
