"""What each department sees."""

import pytest

from screenpop.accounts.departments import NOTHING, VIEWS, Section, view_of
from screenpop.accounts.users import Department


def test_every_department_is_in_the_table() -> None:
    assert set(VIEWS) == set(Department)


@pytest.mark.defends("department-view")
@pytest.mark.parametrize(
    ("section", "allowed"),
    [
        (Section.OFFERS, {"sales"}),
        (Section.PRICES, {"accounting", "finance"}),
        (Section.BALANCE, {"finance"}),
        (Section.CASES, {"support"}),
        (Section.PERSONAL, {"sales", "support"}),
        (Section.TRIPS, {"sales", "accounting", "finance", "support"}),
        (Section.CALLS, {"sales", "accounting", "finance", "support"}),
    ],
)
def test_a_section_is_seen_by_the_departments_that_need_it(
    section: Section, allowed: set[str]
) -> None:
    assert {str(each) for each in Department if section in view_of(each)} == allowed


@pytest.mark.parametrize("department", ["", "SALES", "marketing", "sales "])
def test_a_department_that_is_not_in_the_table_sees_nothing(department: str) -> None:
    assert view_of(department) == NOTHING
