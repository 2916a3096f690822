"""What a test that needs PostgreSQL does where there is none."""

import os

import pytest

from tests.store.throwaway_postgres import NoPostgresError, ensure_binaries


def ensure_for_tests() -> None:
    """Skip the test; where CI is, fail it. The text names the command that mends it."""
    try:
        ensure_binaries()
    except NoPostgresError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
