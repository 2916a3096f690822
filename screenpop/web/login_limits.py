"""How often a wrong password may be tried."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from screenpop.store.users import fold_username

_FOR_ONE_NAME = parse("8 per 5 minutes")
_FOR_ALL_NAMES = parse("40 per 5 minutes")

_Count = tuple[RateLimitItem, tuple[str, ...]]


@dataclass(slots=True)
class Try:
    """One try at a password. ``wrong`` is what became of it."""

    allowed: bool
    wrong: bool = False


class LoginLimits:
    """Counts wrong passwords only: those from one place for one name, and for all names.

    By place and name together, so that nobody can lock another person out from elsewhere.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._under_way: Counter[_Count] = Counter()

    @contextmanager
    def trying(self, address: str, username: str) -> Iterator[Try]:
        """Around the look at the password. Tries under way count as wrong ones, or many at once
        would all be allowed before the first is known to be wrong."""
        place, name = _place(address), fold_username(username)
        counts: list[_Count] = [(_FOR_ALL_NAMES, (place,)), (_FOR_ONE_NAME, (place, name))]
        one = Try(all(self._has_room(*count) for count in counts))
        if not one.allowed:
            yield one
            return
        self._under_way.update(counts)
        try:
            yield one
        finally:
            self._under_way -= Counter(counts)
            if one.wrong:
                for limit, key in counts:
                    self._limiter.hit(limit, *key)

    def _has_room(self, limit: RateLimitItem, key: tuple[str, ...]) -> bool:
        left = self._limiter.get_window_stats(limit, *key).remaining
        return left > self._under_way[limit, key]


def _place(address: str) -> str:
    """Where somebody is: whoever has one IPv6 address has all of its network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
