"""Delays login attempts after wrong passwords; the right password is never refused.

An attempt waits before its password is checked. The delay grows with the number of failed attempts
for that account from that address, for that account from any address, and for any account from
that address. A browser that has logged into the account before (see ``device_cookie``) waits for
its own failed attempts only, so colleagues cannot slow each other down. Unknown usernames are
counted exactly like known ones.

Only simultaneous attempts are limited: if more than ``LINE`` wait for one account from one address,
the oldest is dropped.

Several web processes count together (``shared``), in the database: that they need for the password
anyway. While it cannot be read, each counts alone.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from screenpop.store.accounts.login_counters import (
    FORGET_AFTER_S,
    CountedTry,
    LoginCounters,
    counter_key,
)
from screenpop.store.accounts.users import fold_username
from screenpop.store.engine.errors import DatabaseProblemError

LINE = 4
"""Attempts that may wait at the same time for one account from one address."""
MOST_COUNTERS = 20_000


@dataclass(frozen=True, slots=True)
class Slowdown:
    """The delay after ``free`` failed attempts: ``first_s``, then doubled up to ``most_s``."""

    free: int
    first_s: float
    most_s: float

    def delay_s(self, wrong: int) -> float:
        """Return the delay in seconds after this many failed attempts."""
        over = wrong - self.free
        if over < 0:
            return 0.0
        return min(self.most_s, self.first_s * 2.0 ** min(over, 16))


SAME_ACCOUNT_AND_ADDRESS = Slowdown(3, 1.0, 8.0)
SAME_ACCOUNT = Slowdown(10, 1.0, 4.0)
SAME_ADDRESS = Slowdown(30, 1.0, 2.0)
SAME_DEVICE = Slowdown(3, 1.0, 8.0)
SAME_ACCOUNT_CODE = Slowdown(5, 1.0, 30.0)
"""With ``LINE`` attempts in 30 s and 3 valid codes of 1,000,000, a guess takes weeks."""

_Key = tuple[Slowdown, tuple[str, ...]]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Try:
    """One login attempt; the caller sets ``is_wrong`` after checking the password."""

    is_allowed: bool
    """False if the attempt was dropped while waiting."""
    is_wrong: bool = False


@dataclass(slots=True)
class _Counter:
    wrong: int = 0
    last_at: float = 0.0
    under_way: int = 0
    waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)


class LoginThrottle:
    """Counters of wrong passwords in memory; ``clock`` returns monotonic seconds.

    ``shared``: the counters of all web processes; None where there is only this one."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        shared: LoginCounters | None = None,
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._sleep = sleep
        self._counters: OrderedDict[_Key, _Counter] = OrderedDict()

    @asynccontextmanager
    async def trying(self, address: str, username: str, device: str = "") -> AsyncGenerator[Try]:
        """Wait for the delay of this attempt; the block then checks the password.

        ``device``: random name of a browser that has logged into this account before.
        """
        async with self._trying(_keys(address, username, device)) as attempt:
            yield attempt

    @asynccontextmanager
    async def trying_code(self, username: str, device: str = "") -> AsyncGenerator[Try]:
        """As ``trying``, for the code of the second step, which is short enough to be guessed.

        A guesser has the password, and may have many addresses: all of them wait in one
        line of the account. A browser that has logged in before has a line of its own.
        """
        keys: list[_Key] = [(SAME_ACCOUNT_CODE, ("code", fold_username(username)))]
        if device:
            keys = [(SAME_DEVICE, ("code device", device))]
        async with self._trying(keys) as attempt:
            yield attempt

    @asynccontextmanager
    async def _trying(self, keys: list[_Key]) -> AsyncGenerator[Try]:
        counters = [self._counter(key) for key in keys]
        counted = await self._begin_shared(keys)
        wait_s = max(
            key[0].delay_s(
                counted[_shared_key(key)].wrong if counted else one.wrong + one.under_way
            )
            for key, one in zip(keys, counters, strict=True)
        )
        for one in counters:
            one.under_way += 1
        attempt = Try(is_allowed=True)
        is_checked = False
        try:
            attempt.is_allowed = await self._waited(counters[0], wait_s)
            if attempt.is_allowed and wait_s > 0 and counted:
                attempt.is_allowed = await self._is_in_line(keys[0], counted)
            yield attempt
            is_checked = attempt.is_allowed
        finally:
            is_right = is_checked and not attempt.is_wrong
            for key, one in zip(keys, counters, strict=True):
                one.under_way -= 1
                if attempt.is_wrong:
                    one.wrong += 1
                    one.last_at = self._clock()
                elif is_right and key[0] in _ENDED_BY_THE_RIGHT_ONE:
                    one.wrong = 0
            if counted:
                await self._end_shared(keys, is_wrong=attempt.is_wrong, is_right=is_right)

    async def _begin_shared(self, keys: Sequence[_Key]) -> Mapping[str, CountedTry]:
        """Return the attempt as all processes count it; empty where only this one counts."""
        if self._shared is None:
            return {}
        try:
            return await self._shared.begin([_shared_key(key) for key in keys])
        except DatabaseProblemError:
            return {}

    async def _is_in_line(self, key: _Key, counted: Mapping[str, CountedTry]) -> bool:
        """Return whether fewer than ``LINE`` attempts have begun since, in all processes."""
        name = _shared_key(key)
        try:
            newest = await self._shared.newest(name) if self._shared is not None else 0
        except DatabaseProblemError:
            return True
        return newest - counted[name].number < LINE

    async def _end_shared(self, keys: Sequence[_Key], *, is_wrong: bool, is_right: bool) -> None:
        if self._shared is None:
            return
        names = [_shared_key(key) for key in keys]
        reset = [_shared_key(key) for key in keys if key[0] in _ENDED_BY_THE_RIGHT_ONE]
        with suppress(DatabaseProblemError):
            if is_wrong:
                await self._shared.was_wrong(names)
            else:
                await self._shared.was_not_wrong(names, reset if is_right else ())

    async def _waited(self, line: _Counter, wait_s: float) -> bool:
        if wait_s <= 0:
            return True
        given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(given_up)
        if len(line.waiting) > LINE:
            line.waiting.popleft().set_result(None)
        sleeping = asyncio.ensure_future(self._sleep(wait_s))
        try:
            await asyncio.wait({sleeping, given_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            if given_up in line.waiting:
                line.waiting.remove(given_up)
        return not given_up.done()

    def _counter(self, key: _Key) -> _Counter:
        found = self._counters.pop(key, None) or _Counter()
        if found.wrong and self._clock() - found.last_at >= FORGET_AFTER_S:
            found.wrong = 0
        self._counters[key] = found
        while len(self._counters) > MOST_COUNTERS:
            self._counters.popitem(last=False)
        return found


_ENDED_BY_THE_RIGHT_ONE = frozenset({SAME_ACCOUNT_AND_ADDRESS, SAME_DEVICE})
"""Counters that the right password sets to zero."""


def _shared_key(key: _Key) -> str:
    return counter_key(*key[1])


def _keys(address: str, username: str, device: str) -> list[_Key]:
    """Return the counters of an attempt; the first also limits simultaneous attempts."""
    if device:
        return [(SAME_DEVICE, ("device", device))]
    place, name = _place(address), fold_username(username)
    return [
        (SAME_ACCOUNT_AND_ADDRESS, ("both", place, name)),
        (SAME_ACCOUNT, ("account", name)),
        (SAME_ADDRESS, ("address", place)),
    ]


def _place(address: str) -> str:
    """Return the address, or its /64 network for IPv6, as one client has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
