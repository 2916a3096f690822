"""Whose fault a failed write is."""

import pytest
from sqlalchemy import exc

from screenpop.store.blame import Blame, blame


class FromServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


ORIGINAL = Exception("as the driver says")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (exc.IntegrityError("INSERT", None, ORIGINAL), Blame.RECORD),
        (exc.DataError("INSERT", None, ORIGINAL), Blame.RECORD),
        (exc.DBAPIError("INSERT", None, FromServerError("22P05")), Blame.RECORD),
        (exc.StatementError("bad value", "INSERT", None, ORIGINAL), Blame.RECORD),
        (OverflowError("int too large"), Blame.RECORD),
        (exc.OperationalError("BEGIN", None, ORIGINAL), Blame.DATABASE),
        (exc.DBAPIError("BEGIN", None, FromServerError("57P01")), Blame.DATABASE),
        (exc.ProgrammingError("INSERT", None, FromServerError("42P01")), Blame.DATABASE),
        (exc.TimeoutError(), Blame.DATABASE),
        (ConnectionRefusedError(), Blame.DATABASE),
        (exc.ProgrammingError("INSERT", None, ORIGINAL), Blame.UNSURE),
        (TypeError("ours"), Blame.UNSURE),
    ],
)
def test_the_fault_is_found_by_the_kind_of_error(error: Exception, fault: Blame) -> None:
    assert blame(error) is fault
