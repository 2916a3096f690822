"""Sheets of programs and habits unlike the samples: the outcome of every row.

Each file of ``strange`` has beside it what is expected: the office's country and the encoding, the
field of each column that is imported, and a line for each row (``sheet_outcomes``).
"""

from pathlib import Path

import pytest

from tests.spreadsheets.sheet_outcomes import outcomes

FILES = sorted(
    file for file in Path(__file__).with_name("strange").iterdir() if file.suffix != ".expected"
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_row_of_a_strange_sheet_has_the_outcome_that_a_person_expects(file: Path) -> None:
    wanted = file.with_name(f"{file.name}.expected").read_text(encoding="utf-8")
    (office, *columns), rows = (part.splitlines() for part in wanted.split("\n\n"))
    region, encoding = office.split()

    fields, found = outcomes(file.read_text(encoding="utf-8").encode(encoding), region)

    assert [f"{heading} → {field}" for heading, field in fields.items()] == columns
    assert [row.replace("\n", "⏎") for row in found] == rows
