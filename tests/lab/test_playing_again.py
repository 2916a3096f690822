"""Which tests a run of pytest reports as failed."""

from pbx_lab.testing import Done

MESSAGES = """\
..FE.                                                    [100%]
=================================== FAILURES ===================================
FAILED in the middle of something printed
=========================== short test summary info ============================
ERROR tests/pbx/test_a.py::test_one[queue and more] - pbx_lab.errors.LabBrokenError: left over
FAILED tests/pbx/test_a.py::test_one[queue and more] - AssertionError: assert 1
FAILED tests/pbx/test_a.py::test_two
2 failed, 3 passed, 1 error in 7.01s
"""


def test_each_failed_test_is_named_once() -> None:
    assert Done(1, MESSAGES, 7.0).failed() == (
        "tests/pbx/test_a.py::test_one[queue and more]",
        "tests/pbx/test_a.py::test_two",
    )


def test_a_run_that_broke_off_names_no_test() -> None:
    assert Done(4, "ERROR: not found: tests/pbx/nothing.py\n", 0.1).failed() == ()
