"""The real server while its database cannot be written, is damaged, or is gone."""

from pathlib import Path

import pytest

from tests.faults.database_faults import READY_WITHIN_S, Figures, measure_in
from tests.faults.small_disk import NoSmallDiskError

pytestmark = pytest.mark.anyio


async def figures_of(folder: Path, name: str) -> Figures:
    try:
        return await measure_in(folder, name)
    except NoSmallDiskError as problem:
        pytest.skip(str(problem))


@pytest.mark.parametrize("fault", ["full disk", "locked"])
async def test_pages_and_logins_work_while_the_database_cannot_be_written(
    tmp_path: Path, fault: str
) -> None:
    figures = await figures_of(tmp_path, fault)
    assert (figures.page_status, figures.login_status) == (200, 303), str(figures)
    assert figures.page_s < 4, str(figures)
    assert figures.login_s < 6, str(figures)  # hashes a password, on a busy machine
    assert figures.is_reported, str(figures)
    assert figures.ready_status == 503, str(figures)
    assert figures.ready_s < READY_WITHIN_S, str(figures)
    assert (figures.sentences, figures.tracebacks) == (1, 0), str(figures)
    assert figures.recovered, str(figures)


@pytest.mark.parametrize("fault", ["damaged", "removed"])
async def test_readyz_and_one_sentence_in_the_log_report_a_damaged_or_removed_file(
    tmp_path: Path, fault: str
) -> None:
    figures = await figures_of(tmp_path, fault)
    assert figures.ready_status == 503, str(figures)
    assert figures.ready_s < READY_WITHIN_S, str(figures)
    assert figures.is_reported, str(figures)
    assert (figures.sentences, figures.tracebacks) == (1, 0), str(figures)
