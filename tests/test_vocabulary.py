"""Keeps private vocabulary out of names, docstrings and comments of Python and JavaScript."""

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("screenpop", "pbx_lab", "benchmarks", "release")

FORBIDDEN_IN_NAMES = frozenset(
    [
        "said",
        "told",
        "tell",
        "tells",
        "says",
        "stands",
        "somebody",
        "whoever",
        "nobody",
        "anybody",
        "house",
        "seat",
        "theatre",
        "visitor",
        "visitors",
        "who",
        "whom",
    ]
)
"""Words of identifiers, split at underscores and capitals."""

FORBIDDEN_IN_TEXTS = re.compile(
    r"\b(?:said|told|tell|tells|says|stands|somebody|whoever|nobody|anybody|house|theatre|visitors?"
    r"|sits|sit)\b",
    re.IGNORECASE,
)
"""Words of docstrings and comments; text in double backquotes is code."""

FORBIDDEN_IN_TEST_NAMES = FORBIDDEN_IN_NAMES | frozenset(
    [
        "say",
        "saying",
        "telling",
        "someone",
        "everybody",
        "everyone",
        "houses",
        "seats",
        "sit",
        "sits",
        "sat",
        "room",
        "door",
        "shown",
        "nobodys",
        "scene",
    ]
)
"""Words of the names of tests."""

ALLOWED_NAMES = {
    "screenpop/customers/import_columns.py": {"SEAT"},
    "screenpop/customers/import_report.py": {"who"},
    "screenpop/customers/models.py": {"UNSAID"},
    "screenpop/store/imports/matching.py": {"NOBODY", "_NOBODY"},
    "screenpop/cli/import_output.py": {"_NOBODY"},
    "screenpop/spreadsheets/writing/columns.py": {"_NOTHING_SAID"},
}
"""By module: names of JSON fields, of stored codes and of a column of customer lists."""
ALLOWED_IN_SENTENCES = frozenset(
    {
        "screenpop/spreadsheets/columns/other_columns.py",
        "screenpop/spreadsheets/values/enum_words.py",
    }
)
"""Words that customer lists and networks write, not words of the product."""
ALLOWED_IN_SCRIPTS = {"trace_steps.js": {"_nobody"}}
"""By script of the pages: endings of message codes."""
SCENARIOS = ROOT / "pbx_lab" / "scenarios"
"""Their docstrings are stored in the recordings, so they stay as they were recorded."""


def words_of(name: str) -> set[str]:
    """Return the lower-case words of a snake_case, CamelCase or UPPER_CASE name."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def names_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of everything that the module names itself."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case _:
                pass


def docstrings_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring, without code in double backquotes."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, re.sub(r"``.*?``", "", text, flags=re.DOTALL)
            case _:
                pass


def texts_of(source: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring and comment, without code in double backquotes."""
    yield from docstrings_of(tree)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def private_words(source: str, allowed: Collection[str] = ()) -> list[str]:
    """Return each private name and text of a module as ``line: word``."""
    tree = ast.parse(source)
    names = [
        f"{line}: {name}"
        for line, name in names_of(tree)
        if words_of(name) & FORBIDDEN_IN_NAMES and name not in allowed
    ]
    texts = [
        f"{line}: {word}"
        for line, text in texts_of(source, tree)
        for word in FORBIDDEN_IN_TEXTS.findall(text)
    ]
    return names + texts


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_has_a_private_word_in_names_docstrings_or_comments(package: str) -> None:
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        if SCENARIOS not in path.parents:
            module = path.relative_to(ROOT).as_posix()
            words = private_words(path.read_text(), ALLOWED_NAMES.get(module, ()))
            found += [f"{module}:{word}" for word in words]
    assert found == []


def sentences_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string with a space that is no docstring."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if " " in text.strip() and node not in docstrings:
                yield node.lineno, text
            case _:
                pass


def private_sentences(source: str) -> list[str]:
    """Return ``line: word`` of each private word in messages, log lines and help texts."""
    return [
        f"{line}: {word}"
        for line, text in sentences_of(ast.parse(source))
        for word in FORBIDDEN_IN_TEXTS.findall(text)
    ]


def test_no_sentence_of_the_product_has_a_private_word() -> None:
    found = []
    for path in sorted((ROOT / "screenpop").rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        if module not in ALLOWED_IN_SENTENCES:
            found += [f"{module}:{word}" for word in private_sentences(path.read_text())]
    assert found == []


def test_private_word_is_found_in_sentences_and_not_in_codes() -> None:
    assert private_sentences('log("The server says why")') == ["1: says"]
    assert private_sentences('log(f"{name} sits at {phone}")') == ["1: sits"]
    assert private_sentences('"""The server says why."""\ncode = "nobody"') == []


def private_test_names(source: str) -> list[str]:
    """Return ``line: name`` of each test whose name has a private word."""
    return [
        f"{node.lineno}: {node.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and words_of(node.name) & FORBIDDEN_IN_TEST_NAMES
    ]


def private_texts(source: str) -> list[str]:
    """Return ``line: word`` of each private word in the docstrings and comments of a module."""
    return [
        f"{line}: {word}"
        for line, text in texts_of(source, ast.parse(source))
        for word in FORBIDDEN_IN_TEXTS.findall(text)
    ]


def test_no_docstring_or_comment_of_a_test_has_a_private_word() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{word}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for word in private_texts(path.read_text())
    ]
    assert found == []


def test_private_word_is_found_in_docstrings_and_comments_and_not_in_code() -> None:
    assert private_texts('"""What is told."""') == ["1: told"]
    assert private_texts("x = 1  # What is told.") == ["1: told"]
    assert private_texts("told = 'told'") == []


def test_no_test_has_a_private_word_in_its_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in private_test_names(path.read_text())
    ]
    assert found == []


def private_names(source: str) -> list[str]:
    """Return ``line: name`` of each private name that a module gives, of any kind."""
    return [
        f"{line}: {name}"
        for line, name in names_of(ast.parse(source))
        if words_of(name) & FORBIDDEN_IN_NAMES
    ]


def test_no_module_of_the_tests_has_a_private_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in private_names(path.read_text())
    ]
    assert found == []


def test_private_name_is_found_in_each_kind_of_name_of_a_test_module() -> None:
    source = "def tell(who: int) -> None:\n    told = 1\nclass House: ...\n"
    assert sorted(private_names(source)) == ["1: tell", "1: who", "2: told", "3: House"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def test_a_call_is_told(): ...", ["1: test_a_call_is_told"]),
        ("async def test_nobody_calls(): ...", ["1: test_nobody_calls"]),
        ("class A:\n def test_shown(self): ...", ["2: test_shown"]),
        ("def test_a_household_is_retold(): ...", []),
        ("def told(): ...", []),
    ],
)
def test_private_word_is_found_in_names_of_tests_only(source: str, names: list[str]) -> None:
    assert private_test_names(source) == names


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def tell(who: int) -> None: ...", ["1: tell", "1: who"]),
        ("class TheHouse: ...", ["1: TheHouse"]),
        ("NOT_TOLD = 1", ["1: NOT_TOLD"]),
        ("self.told_end = 1", ["1: told_end"]),
        ('"""What the PBX said."""', ["1: said"]),
        ("x = 1  # whoever listens", ["1: whoever"]),
        ('"""The ``said`` field."""', []),
        ("household = stand_in = 1", []),
    ],
)
def test_private_word_is_found_in_each_kind_of_name_and_text(source: str, words: list[str]) -> None:
    assert private_words(source) == words


def private_words_of_script(source: str, allowed: Collection[str] = ()) -> list[str]:
    """Return each private name and comment of a JavaScript module as ``line: word``.

    Text in double quotes is skipped; comments of the scripts begin with ``//`` or fit in a line.
    """
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        code, *comments = re.split(r"//|/\*", unquoted, maxsplit=1)
        names = [name for name in re.findall(r"[A-Za-z_]\w*", code) if name not in allowed]
        words = [name for name in names if words_of(name) & FORBIDDEN_IN_NAMES]
        for comment in comments:
            words += FORBIDDEN_IN_TEXTS.findall(re.sub(r"``.*?``", "", comment))
        found += [f"{number}: {word}" for word in words]
    return found


def test_no_script_has_a_private_word_in_names_or_comments() -> None:
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))
    found = [
        f"{script.name}:{word}"
        for script in scripts
        for word in private_words_of_script(
            script.read_text("utf-8"), ALLOWED_IN_SCRIPTS.get(script.name, ())
        )
    ]
    assert scripts
    assert found == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("function tell(words) {}", ["1: tell"]),
        ("  #told = new Map();", ["1: told"]),
        ("html`<who-is-it></who-is-it>`", ["1: who", "1: who"]),
        ("a();\nclass WhoIsIt {} // Whoever asks", ["2: WhoIsIt", "2: Whoever"]),
        ("try { } catch { /* the page says so */ }", ["1: says"]),
        ('t("Ask who is calling.")', []),
        ("// The ``said`` field of a household", []),
    ],
)
def test_private_word_is_found_in_each_kind_of_script_text(source: str, words: list[str]) -> None:
    assert private_words_of_script(source) == words


def test_no_page_of_the_documentation_has_a_private_word() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
    quoting = {"scenarios.md", "0009-plain-names-and-standard-dataclasses.md"}
    found = [
        f"{page.relative_to(ROOT)}:{number}: {word}"
        for page in sorted(pages)
        if page.name not in quoting
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        for word in FORBIDDEN_IN_TEXTS.findall(re.sub(r"`.*?`", "", line))
    ]
    assert found == []


@pytest.mark.parametrize("module", ALLOWED_NAMES)
def test_every_allowed_name_is_still_in_use(module: str) -> None:
    names = {name for _, name in names_of(ast.parse((ROOT / module).read_text()))}
    assert ALLOWED_NAMES[module] <= names
