"""The planted bugs of ``tests.mutation`` are bugs: each changes what the code does."""

import ast
from pathlib import Path

import pytest

from tests.mutation import __main__ as command
from tests.mutation.__main__ import load_explained, stale_keys
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
        ("x = 'NOANSWER'", {"x = 'NOANSWERx'"}),
        ("x = {'a': b, 'c': d}", {"x = {'a': b}", "x = {'c': d}", "x = {'ax': b, 'c': d}",
                                  "x = {'a': b, 'cx': d}"}),
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


def test_every_explained_bug_can_be_planted() -> None:
    assert stale_keys(load_explained()) == []


def test_an_explained_bug_of_changed_or_removed_code_is_stale(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("def f(a):\n    return a < 3")
    known = "rules.py | f | a < 3 -> LtE"
    gone = ["rules.py | f | a < 4 -> LtE", "rules.py | g | a < 3 -> LtE", "old.py | f | a -> b"]
    assert stale_keys([known, *gone], tmp_path) == gone


def test_the_command_fails_and_names_a_stale_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    explained = tmp_path / "explained.toml"
    explained.write_text('[[group]]\nreason = "-"\nbugs = ["gone.py | f | a < b -> LtE"]')
    monkeypatch.setattr(command, "EXPLAINED", explained)
    monkeypatch.setattr("sys.argv", ["mutation", "calls", "--list"])
    monkeypatch.chdir(ROOT)
    assert command.main() == 2
    assert "gone.py | f | a < b -> LtE" in capsys.readouterr().err
