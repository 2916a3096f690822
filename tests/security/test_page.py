"""docs/security.md names each defence with tests that exist, and each chapter of ASVS."""

import re

import pytest

from tests.security.defences import (
    PAGE,
    describe_defences,
    find_proving_tests,
    load_defences,
    marked_tests,
    page_with,
)

IDS = [one.id for one in load_defences()]


def test_each_defence_has_a_test_and_each_mark_a_defence() -> None:
    assert len(IDS) == len(set(IDS))
    assert set(IDS) - set(find_proving_tests()) == set(), "without a test"
    assert set(find_proving_tests()) - set(IDS) == set(), "not in defences.toml"


def test_page_is_made_from_the_marks_of_today() -> None:
    made = describe_defences(load_defences(), find_proving_tests())
    page = PAGE.read_text("utf-8")
    assert page == page_with(page, made), "run python -m tests.security"


def test_defences_under_one_heading_are_beside_each_other() -> None:
    doors = [one.door for one in load_defences()]
    assert sorted(doors, key=doors.index) == doors


def test_marks_are_read_from_functions_with_other_decorators() -> None:
    source = """
@pytest.mark.defends("a")
@pytest.mark.defends("b")
@pytest.mark.parametrize("x", [1])
async def test_one(x): ...
@other("c")
def test_two(): ...
"""
    assert list(marked_tests(source)) == [("test_one", "a"), ("test_one", "b")]


def test_page_without_a_made_part_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        page_with("# Security\n", "")


def test_chapters_of_asvs_are_complete_and_name_defences_that_exist() -> None:
    _, _, text = PAGE.read_text("utf-8").partition("## OWASP ASVS")
    chapters = re.split(r"^### (V\d+) ", text, flags=re.MULTILINE)[1:]
    found = dict(zip(chapters[::2], chapters[1::2], strict=True))
    assert list(found) == [f"V{number}" for number in range(1, 18)]
    for chapter, words in found.items():
        assert re.search(r"^- \*\*(Met|Not applicable)\.\*\*", words, re.MULTILINE), chapter
        named = re.findall(r"\]\(#([a-z-]+)\)", words)
        assert set(named) <= set(IDS), chapter
        assert named or "**Not applicable.**" in words, chapter
