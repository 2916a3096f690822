"""The fuzzed functions with random bytes, and with every input that was found before."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.client import preview_sheet
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from tests.fuzz.targets import PLANS, TARGETS, TODAY, seeds, workbook_of

FOUND = Path(__file__).parent / "found"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def changed(seed: bytes) -> st.SearchStrategy[bytes]:
    """Return a valid input with a piece taken out, doubled or replaced by others."""
    places = st.integers(0, len(seed))

    def change(first: int, second: int, piece: bytes, count: int) -> bytes:
        start, end = sorted((first, second))
        return seed[:start] + piece * count + seed[end:]

    return st.builds(change, places, places, st.binary(max_size=12), st.integers(0, 3))


@pytest.mark.defends("ami-bytes")
@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bytes_make_a_parser_fail(target: str, data: st.DataObject) -> None:
    inputs = st.one_of(st.binary(max_size=200), *map(changed, seeds(target)))
    TARGETS[target](data.draw(inputs))


@pytest.mark.defends("ami-bytes")
@pytest.mark.parametrize("target", TARGETS)
def test_inputs_that_were_found_by_the_fuzzer_stay_mended(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)
    for file in sorted(FOUND.glob(f"{target}-*")):
        TARGETS[target](file.read_bytes())


@pytest.mark.defends("sheet-sandbox")
@pytest.mark.anyio
async def test_a_workbook_that_takes_all_memory_ends_its_own_process_alone(tmp_path: Path) -> None:
    file = tmp_path / "far.xlsx"
    file.write_bytes(workbook_of((FOUND / "workbooks-far-cell").read_bytes()))
    with pytest.raises(SheetRefusedError) as caught:
        await preview_sheet(file, ImportContext(PLANS[0], TODAY))
    assert caught.value.code == "oversized"
