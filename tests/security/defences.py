"""Defences, the tests that prove them, and the part of docs/security.md that is made from both.

A defence is listed in ``defences.toml``; a test names it by ``@pytest.mark.defends("<id>")``.
Tests are read as syntax trees, none of them is imported.
"""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

TESTS = Path(__file__).parents[1]
SOURCE = Path(__file__).with_name("defences.toml")
PAGE = TESTS.parent / "docs/security.md"
BEGIN = "<!-- made by python -m tests.security -->\n"
END = "<!-- end of what is made -->\n"
MARK = "mark.defends("


@dataclass(frozen=True)
class Defence:
    id: str
    door: str
    """Where the threat comes in: ``PBX``, ``Login``, ``Files``…; a heading of the page."""
    threat: str
    defence: str


@dataclass(frozen=True, order=True)
class ProvingTest:
    file: str
    """Path within the repository."""
    name: str


def load_defences() -> tuple[Defence, ...]:
    """Return the defences in the order of the file."""
    rows = tomllib.loads(SOURCE.read_text("utf-8"))["defence"]
    return tuple(Defence(**row) for row in rows)


@cache
def find_proving_tests() -> Mapping[str, tuple[ProvingTest, ...]]:
    """Return the tests by the id of their defence, sorted by file and name."""
    found: dict[str, list[ProvingTest]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text("utf-8")
        if MARK in source:
            for name, defence in marked_tests(source):
                file = path.relative_to(TESTS.parent).as_posix()
                found[defence].append(ProvingTest(file, name))
    return {defence: tuple(sorted(tests)) for defence, tests in found.items()}


def marked_tests(source: str) -> Iterator[tuple[str, str]]:
    """Yield name and defence id for each mark on a function of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                match decorator:
                    case ast.Call(
                        func=ast.Attribute(attr="defends"), args=[ast.Constant(value=str(defence))]
                    ):
                        yield node.name, defence
                    case _:
                        pass


def describe_defences(
    defences: Sequence[Defence], tests: Mapping[str, Sequence[ProvingTest]]
) -> str:
    """Return the made part of the page: a heading a door, then threat, defence and tests."""
    lines: list[str] = []
    for door, listed in groupby(defences, key=lambda defence: defence.door):
        lines += [f"### {door}", ""]
        for one in listed:
            lines += [f"#### {one.id}", f"{one.threat}. **{one.defence}**", ""]
            for file, group in groupby(tests.get(one.id, ()), key=lambda test: test.file):
                names = ", ".join(f"`{test.name}`" for test in group)
                lines.append(f"- `{file}`: {names}")
            lines.append("")
    return "\n".join(lines)


def page_with(page: str, made: str) -> str:
    """Return the page with its made part replaced.

    Raises:
        ValueError: the page has no made part.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/security.md has no {BEGIN.strip()} … {END.strip()}")
    return f"{before}{BEGIN}\n{made}{END}{after}"
