"""What a test that needs PostgreSQL does where there is none."""

from tests.tools import POSTGRES


def ensure_for_tests() -> None:
    """Unpack it, else skip the test; where CI is, fail it. The text names the command that
    mends it."""
    POSTGRES.ensure_for_test()
