"""Which tests of the PBX run in which part."""

import pytest

from pbx_lab.testing import PARTS, TESTS, share_of
from pbx_lab.versions import PROJECT


def test_shares_have_each_test_once() -> None:
    tests = list("abcdefg")
    assert share_of(tests, "1/1") == tests
    assert share_of(tests, "1/2") == ["a", "c", "e", "g"]
    assert share_of(tests, "2/2") == ["b", "d", "f"]


@pytest.mark.parametrize("share", ["0/2", "3/2", "-1/2", "1", "1/2/3", "a/b"])
def test_a_share_that_does_not_exist_is_refused(share: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        share_of([], share)


def test_parts_have_each_file_with_all_its_tests() -> None:
    """A file left out by the part of all others is whole in the parts that name it."""
    [others] = [part for part in PARTS.values() if TESTS in part.arguments]
    assert others.share == "1/1"
    named: dict[str, list[str]] = {}
    for part in PARTS.values():
        if part is not others:
            [file] = part.arguments
            named.setdefault(file, []).append(part.share)
    assert {f"--ignore={file}" for file in named} == set(others.arguments) - {TESTS}
    for file, shares in named.items():
        assert (PROJECT / file).is_file()
        assert shares == [f"{number}/{len(shares)}" for number in range(1, len(shares) + 1)]
