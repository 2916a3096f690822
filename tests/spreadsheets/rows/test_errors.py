"""Every problem says what to do."""

import pytest

from screenpop.spreadsheets.rows.errors import REMEDIES, RowProblem


@pytest.mark.parametrize("code", REMEDIES)
def test_every_code_has_a_remedy_that_is_a_sentence(code: str) -> None:
    remedy = RowProblem(3, "Phone", "12", code).remedy

    assert remedy[0].isupper()
    assert remedy.endswith(".")
