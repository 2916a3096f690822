import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.formula_escape import escape_formula


@pytest.mark.defends("formula-prefixes")
@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "+-1"])
def test_what_would_run_as_a_formula_is_only_text(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Laleh", "+98 912 345 6789", "-300", "1=1", "لاله"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@pytest.mark.defends("formula-prefixes")
@given(st.text())
def test_nothing_begins_like_a_formula_but_a_number_with_its_sign(text: str) -> None:
    safe = escape_formula(text)
    assert safe.endswith(text)
    if safe[:1] in {"=", "@", "\t", "\r", "\n"}:
        raise AssertionError(safe)
    if safe[:1] in {"+", "-"}:
        assert safe[1:].replace(" ", "").isdigit()
