"""What a password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.password_policy import (
    LONGEST,
    SHORTEST,
    check_password_policy,
    normalize_password,
)


@pytest.mark.defends("password-policy")
@pytest.mark.parametrize(
    "password",
    [
        "four plain words here",
        "κίτρινο ποδήλατο στη βροχή",
        "دوچرخه‌ی زرد در باران",
        "Tr0ub4dor&3",
        "maryam rides a yellow bicycle",
    ],
)
def test_a_long_password_may_be_anything(password: str) -> None:
    assert check_password_policy(password, username="maryam", display_name="Maryam Ahmadi") == ()


@pytest.mark.defends("password-policy")
@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("", {"too_short", "same_signs"}),
        ("Short1!", {"too_short"}),
        ("aaaaaaaaaaaa", {"same_signs"}),
        ("x" * (LONGEST + 1), {"too_long"}),
        ("password123!", {"too_common"}),
        ("Screenpop2026", {"too_common"}),
        ("1234567890", {"too_common"}),
        ("maryam2026", {"holds_name"}),
        ("MaryamAhmadi1", {"holds_name"}),
        ("مریم-۱۲۳۴۵", {"holds_name"}),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, codes: set[str]) -> None:
    name = "مریم" if password.startswith("مریم") else "Maryam Ahmadi"
    problems = check_password_policy(password, username="maryam", display_name=name)
    assert {problem.code for problem in problems} == codes


def test_a_password_is_the_same_from_every_keyboard() -> None:
    composed, decomposed = "\u03af\u03b1", "\u03b9\u0301\u03b1"
    assert normalize_password(composed) == normalize_password(decomposed)
    assert normalize_password("two\N{NO-BREAK SPACE}words") == "two words"


@pytest.mark.defends("password-policy")
@given(st.text(st.characters(exclude_categories=())))
def test_no_password_raises_and_none_is_cut(password: str) -> None:
    problems = {problem.code for problem in check_password_policy(password)}
    assert ("too_short" in problems) == (len(normalize_password(password)) < SHORTEST)
    assert normalize_password(normalize_password(password)) == normalize_password(password)
