"""The process that opens files, asked in this one."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from screenpop.customers.import_columns import SheetPreview
from screenpop.spreadsheets.reading import worker
from screenpop.spreadsheets.reading.messages import ReadRequest, chunk_from_json
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22))


@pytest.fixture(autouse=True)
def no_limits_for_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "end_opening_limit", lambda: None)


def answers(path: Path, text: str, *, only_look: bool = False) -> Iterator[dict[str, Any]]:
    path.write_text(text)
    return worker.answers(ReadRequest(str(path), CONTEXT, only_look).plain())


def test_it_sends_a_preview_of_the_file_then_its_rows_then_that_it_is_done(tmp_path: Path) -> None:
    lines = [f"Family {letter},0912345{n:04}" for n, letter in enumerate("ab" * 600)]

    look, *parts, end = answers(tmp_path / "a.csv", "\n".join(["Name,Phone", *lines]))

    assert SheetPreview.from_plain(look["look"]).kind == "csv"
    assert sum(chunk_from_json(part["rows"]).read for part in parts) == 1200
    assert len(parts) == 3
    assert end == {"end": True}


def test_a_preview_is_all_it_sends_when_only_asked_for_one(tmp_path: Path) -> None:
    [look] = answers(tmp_path / "a.csv", "Name,Phone\nA,1\nB,2\n", only_look=True)

    assert look["look"]["rows"] == 2


def test_a_sheet_without_names_or_numbers_is_displayed_but_not_read(tmp_path: Path) -> None:
    result = answers(tmp_path / "a.csv", "Shoes,Hats\n1,2\n")

    assert "look" in next(result)
    with pytest.raises(SheetRefusedError) as refused:
        next(result)
    assert refused.value.code == "no_columns"
