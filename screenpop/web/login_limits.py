"""How often a wrong password may be tried."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_FOR_ONE_NAME = parse("8 per 5 minutes")
_FOR_ALL_NAMES = parse("40 per 5 minutes")


class LoginLimits:
    """Counts wrong passwords only: those from one address for one name, and for all names.

    By address and name together, so that nobody can lock another person out from elsewhere.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allow(self, address: str, username: str) -> bool:
        return self._limiter.test(_FOR_ALL_NAMES, address) and self._limiter.test(
            _FOR_ONE_NAME, address, username
        )

    def wrong(self, address: str, username: str) -> None:
        self._limiter.hit(_FOR_ALL_NAMES, address)
        self._limiter.hit(_FOR_ONE_NAME, address, username)
