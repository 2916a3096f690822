"""Whose fault a failed write is."""

import pytest
from sqlalchemy import exc

from screenpop.store.engine.write_errors import WriteFault, classify_write_error


class FromServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


ORIGINAL = Exception("as the driver says")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (exc.IntegrityError("INSERT", None, ORIGINAL), WriteFault.RECORD),
        (exc.DataError("INSERT", None, ORIGINAL), WriteFault.RECORD),
        (exc.DBAPIError("INSERT", None, FromServerError("22P05")), WriteFault.RECORD),
        (exc.StatementError("bad value", "INSERT", None, ORIGINAL), WriteFault.RECORD),
        (OverflowError("int too large"), WriteFault.RECORD),
        (exc.OperationalError("BEGIN", None, ORIGINAL), WriteFault.DATABASE),
        (exc.DBAPIError("BEGIN", None, FromServerError("57P01")), WriteFault.DATABASE),
        (exc.ProgrammingError("INSERT", None, FromServerError("42P01")), WriteFault.DATABASE),
        (exc.TimeoutError(), WriteFault.DATABASE),
        (ConnectionRefusedError(), WriteFault.DATABASE),
        (exc.ProgrammingError("INSERT", None, ORIGINAL), WriteFault.UNSURE),
        (TypeError("ours"), WriteFault.UNSURE),
    ],
)
def test_the_fault_is_found_by_the_kind_of_error(error: Exception, fault: WriteFault) -> None:
    assert classify_write_error(error) is fault
