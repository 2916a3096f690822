"""Every problem has a remedy."""

from screenpop.spreadsheets.rows.errors import REMEDIES
from tests.each import each


@each(tuple(REMEDIES))
def test_every_code_has_a_remedy_that_is_a_sentence(code: str) -> None:
    remedy = REMEDIES[code]

    assert remedy[0].isupper()
    assert remedy.endswith(".")
