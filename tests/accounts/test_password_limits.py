"""Limits of a password: each at the limit, and one beside it."""

import string

import pytest

from screenpop.accounts.password_policy import LONGEST, SHORTEST, check_password_policy

SIGNS = string.ascii_letters


def problems_of(password: str, **user: str) -> set[str]:
    return {problem.code for problem in check_password_policy(password, **user)}


@pytest.mark.defends("password-policy")
@pytest.mark.parametrize(("length", "is_short"), [(9, True), (10, False), (11, False)])
def test_a_password_has_at_least_ten_characters(length: int, is_short: bool) -> None:
    assert SHORTEST == 10
    assert ("too_short" in problems_of(SIGNS[:length])) is is_short


@pytest.mark.parametrize(("length", "is_long"), [(255, False), (256, False), (257, True)])
def test_a_password_has_at_most_256_characters(length: int, is_long: bool) -> None:
    assert LONGEST == 256
    assert ("too_long" in problems_of((SIGNS * 5)[:length])) is is_long


@pytest.mark.parametrize(("different", "is_same"), [(4, True), (5, False), (6, False)])
def test_a_password_has_at_least_five_different_characters(different: int, is_same: bool) -> None:
    assert ("same_signs" in problems_of((SIGNS[:different] * 6)[:12])) is is_same


@pytest.mark.parametrize(("beside", "holds_name"), [(6, True), (7, False), (8, False)])
def test_a_password_has_at_least_seven_characters_beside_the_name(
    beside: int, holds_name: bool
) -> None:
    password = "maryam" + "bcdfghjk"[:beside]
    assert ("holds_name" in problems_of(password, username="maryam")) is holds_name


@pytest.mark.parametrize(("name", "counts"), [("bo", False), ("bob", True)])
def test_a_name_of_three_characters_counts_and_one_of_two_does_not(name: str, counts: bool) -> None:
    password = name + "cdfghjklmn"[: 9 - len(name)]
    assert ("holds_name" in problems_of(password, username=name)) is counts


@pytest.mark.parametrize(("signs", "is_common"), [(5, True), (6, True), (7, False)])
def test_a_common_word_is_refused_with_up_to_six_digits_and_signs_around_it(
    signs: int, is_common: bool
) -> None:
    password = "7" + "sunshine" + "!29384756"[: signs - 1]
    found = check_password_policy(password, common=frozenset({"sunshine"}))
    assert bool(found) is is_common
