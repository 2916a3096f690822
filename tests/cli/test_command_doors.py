"""The commands and what each of them reads are as docs/doors.md has them."""

from tests.command_doors import WITHOUT_DATA, command_table, written_commands
from tests.doors import PAGE


def test_each_command_reads_what_the_table_has() -> None:
    found = command_table()
    assert found == written_commands(PAGE.read_text("utf-8")), "run make doors"
    assert found.keys() > WITHOUT_DATA.keys()
