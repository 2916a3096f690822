"""What a trunk's number plan may hold."""

import pytest

from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

IR = Region("IR")


@pytest.mark.parametrize(
    ("pattern", "ours", "not_ours"),
    [
        ("101", ["101"], ["1010", "10", ""]),
        ("1XX", ["100", "199"], ["200", "10", "1000"]),
        ("_1xx", ["100"], ["x00"]),
        ("[2-4]ZN", ["212", "499"], ["112", "202", "211"]),
        ("[135]X", ["10", "39"], ["20", "-0"]),
        ("7X.", ["700", "70000"], ["7", "70"]),
        ("8!", ["8", "8123"], ["9"]),
        ("۱۰۱", ["101"], ["۱۰۱"]),
        ("*8X", ["*81"], ["81"]),
    ],
)
def test_extensions_are_written_as_the_dialplan_writes_them(
    pattern: str, ours: list[str], not_ours: list[str]
) -> None:
    plan = NumberPlan(IR, extensions=("555", pattern))
    assert all(map(plan.is_extension, [*ours, "555"]))
    assert not any(map(plan.is_extension, not_ours))


def test_a_plan_without_extensions_has_none() -> None:
    assert not NumberPlan(IR).is_extension("")
    assert not NumberPlan(IR).is_extension("101")


@pytest.mark.parametrize("pattern", ["", "_", "1(X+)+", "1.X", "[4", "[]", "[a-z]", "abc", "[1-]"])
def test_a_pattern_that_makes_no_sense_is_refused_with_what_to_do(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        NumberPlan(IR, extensions=("101", pattern))


@pytest.mark.parametrize("region", ["", "ir", "XX", "IRN", "+98"])
def test_a_region_that_is_no_country_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="two capital letters"):
        NumberPlan(Region(region))


@pytest.mark.parametrize("area_code", ["2a", "-21", "1234567", "+21"])
def test_an_area_code_that_is_none_is_refused(area_code: str) -> None:
    with pytest.raises(ValueError, match="area code"):
        NumberPlan(IR, area_code=area_code)


def test_an_area_code_may_be_written_with_persian_digits() -> None:
    assert NumberPlan(IR, area_code="۰۲۱").area_code == "021"
