"""Columns as own fields: the longest id, and one digit more."""

import pytest

from screenpop.customers.import_columns import Field
from screenpop.importing.column_choice import InvalidColumnChoiceError, parse_field


@pytest.mark.parametrize(("code", "own_field"), [("own:" + "9" * 18, 10**18 - 1), ("own:7", 7)])
def test_a_column_becomes_the_own_field_with_an_id_of_at_most_18_digits(
    code: str, own_field: int
) -> None:
    assert parse_field(code) == (Field.OWN, own_field)


@pytest.mark.parametrize(
    "code", ["own:" + "9" * 19, "own", "own:", "own:x", "own:۷", "birthday:7", "nothing"]
)
def test_any_other_code_is_no_field(code: str) -> None:
    with pytest.raises(InvalidColumnChoiceError, match="unknown_column"):
        parse_field(code)
