"""Files of exports do not stay behind."""

import os
from pathlib import Path

from screenpop.exporting.client import LEFT_AFTER_S, remove_left_exports


def test_folder_of_an_export_that_ended_with_its_server_is_deleted_after_two_hours(
    tmp_path: Path,
) -> None:
    now = 1_800_000_000.0
    for name, age in (("old", LEFT_AFTER_S), ("new", LEFT_AFTER_S - 1)):
        folder = tmp_path / f"screenpop-export-{name}"
        folder.mkdir()
        (folder / "customers.xlsx").write_text("names")
        os.utime(folder, (now - age, now - age))
    (tmp_path / "attachments").mkdir()
    assert remove_left_exports(tmp_path, now) == 1
    assert {one.name for one in tmp_path.iterdir()} == {"screenpop-export-new", "attachments"}
