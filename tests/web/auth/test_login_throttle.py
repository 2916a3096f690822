"""Wrong passwords slow down what follows them; nothing here sleeps."""

import asyncio

import pytest

from screenpop.store.accounts.login_counters import FORGET_AFTER_S
from screenpop.web.auth.login_throttle import LINE, LoginThrottle

pytestmark = pytest.mark.anyio


class Clock:
    """A virtual clock: sleeping moves it on."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Guesser:
    def __init__(self) -> None:
        self.clock = Clock()
        self.throttle = LoginThrottle(self.clock.read, self.clock.sleep)

    async def wait_of(
        self, address: str, username: str, device: str = "", *, is_wrong: bool = True
    ) -> float:
        """Make one try; return the seconds it waited before the password was looked at."""
        before = self.clock.now
        async with self.throttle.trying(address, username, device) as attempt:
            assert attempt.is_allowed
            attempt.is_wrong = is_wrong
        return self.clock.now - before


@pytest.mark.defends("login-throttle")
async def test_the_wait_doubles_from_the_fourth_try_to_eight_seconds() -> None:
    guesser = Guesser()
    waits = [await guesser.wait_of("10.0.0.1", "alice") for _ in range(9)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 8, 8]


async def test_the_right_password_ends_the_waiting_for_that_address() -> None:
    guesser = Guesser()
    for _ in range(6):
        await guesser.wait_of("10.0.0.1", "alice")
    assert await guesser.wait_of("10.0.0.1", "alice", is_wrong=False) == 8
    assert await guesser.wait_of("10.0.0.1", "alice") == 0


async def test_a_browser_that_leaves_while_it_waits_ends_no_waiting() -> None:
    guesser = Guesser()
    for _ in range(6):
        await guesser.wait_of("10.0.0.1", "alice")
    leaving = asyncio.create_task(guesser.wait_of("10.0.0.1", "alice"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert leaving.cancelled()
    assert await guesser.wait_of("10.0.0.1", "alice") == 8


async def test_a_colleagues_typing_slows_no_other_user_at_that_address_down_for_long() -> None:
    guesser = Guesser()
    for _ in range(29):
        await guesser.wait_of("10.0.0.1", "alice")
    assert await guesser.wait_of("10.0.0.1", "bob", is_wrong=False) == 0
    for _ in range(200):
        await guesser.wait_of("10.0.0.1", "alice")
    assert await guesser.wait_of("10.0.0.1", "bob", is_wrong=False) <= 2


@pytest.mark.defends("login-throttle")
async def test_guesses_from_many_addresses_slow_the_account_down_by_four_seconds_at_most() -> None:
    guesser = Guesser()
    waits = [await guesser.wait_of(f"10.0.0.{number}", "alice") for number in range(20)]
    assert waits[:10] == [0] * 10
    assert waits[10:] == [1, 2, 4, 4, 4, 4, 4, 4, 4, 4]


@pytest.mark.defends("login-throttle")
async def test_a_known_device_waits_for_its_own_wrong_passwords_only() -> None:
    guesser = Guesser()
    for number in range(50):
        await guesser.wait_of(f"10.0.0.{number}", "alice")
    waits = [await guesser.wait_of("10.0.0.1", "alice", "device") for _ in range(5)]
    assert waits == [0, 0, 0, 1, 2]


@pytest.mark.defends("login-answers")
async def test_an_unknown_username_waits_as_long_as_a_known_one() -> None:
    guesser = Guesser()
    known = [await guesser.wait_of("10.0.0.1", "alice") for _ in range(8)]
    unknown = [await guesser.wait_of("10.0.0.2", "nobody") for _ in range(8)]
    assert known == unknown


@pytest.mark.parametrize("spelling", ["ALICE", " alice ", "ａｌｉｃｅ"])
async def test_another_spelling_of_the_name_is_the_same_account(spelling: str) -> None:
    guesser = Guesser()
    for _ in range(6):
        await guesser.wait_of("10.0.0.1", "alice")
    assert await guesser.wait_of("10.0.0.1", spelling) == 8


async def test_another_address_of_one_ipv6_network_is_the_same_address() -> None:
    guesser = Guesser()
    for number in range(6):
        await guesser.wait_of(f"2001:db8::{number}", "alice")
    assert await guesser.wait_of("2001:db8::ffff", "alice") == 8
    assert await guesser.wait_of("2001:db8:0:1::1", "alice") == 0


@pytest.mark.parametrize(("quiet_s", "wait_s"), [(FORGET_AFTER_S - 1, 8), (FORGET_AFTER_S, 0)])
async def test_wrong_passwords_are_forgotten_after_a_quarter_of_an_hour(
    quiet_s: float, wait_s: float
) -> None:
    guesser = Guesser()
    for _ in range(7):
        await guesser.wait_of("10.0.0.1", "alice")
    guesser.clock.now += quiet_s
    assert await guesser.wait_of("10.0.0.1", "alice") == wait_s


async def test_of_a_flood_the_oldest_tries_give_up_and_the_newest_is_looked_at() -> None:
    never, both_gave_up = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        await never.wait()

    throttle = LoginThrottle(sleep=sleep)
    looked_at: list[int] = []
    given_up: list[int] = []

    async def one_try(number: int) -> None:
        async with throttle.trying("10.0.0.1", "alice") as attempt:
            (looked_at if attempt.is_allowed else given_up).append(number)
            if len(given_up) == 2:
                both_gave_up.set()
            attempt.is_wrong = number < 3
            if number < 3:
                await never.wait()

    tries = [asyncio.create_task(one_try(number)) for number in range(LINE + 5)]
    async with asyncio.timeout(5):
        await both_gave_up.wait()
    assert (looked_at, given_up) == ([0, 1, 2], [3, 4])
    never.set()
    await asyncio.gather(*tries)
    assert looked_at == [0, 1, 2, 5, 6, 7, 8]
