"""Limits of what a browser sends: each at the limit, and one beside it."""

import asyncio

import pytest
from starlette.exceptions import HTTPException

from screenpop.store.accounts.login_counters import FORGET_AFTER_S
from screenpop.web.auth.device_cookie import MOST_ACCOUNTS, known_device, with_account
from screenpop.web.auth.login_throttle import MOST_COUNTERS, LoginThrottle
from screenpop.web.calls.query import _customer
from screenpop.web.customers.data_quality_pages import _ids
from screenpop.web.customers.forms import LARGEST_AMOUNT, LONGEST_TEXT, FormReader
from screenpop.web.forms import safe_path
from screenpop.web.listen_socket import ListeningError, _resolve, open_listening_socket

pytestmark = pytest.mark.anyio

KEY = b"k" * 32


@pytest.mark.parametrize(("length", "is_safe"), [(511, True), (512, True), (513, False)])
def test_a_path_to_go_on_to_has_at_most_512_characters(length: int, is_safe: bool) -> None:
    path = "/".ljust(length, "a")
    assert safe_path(path) == (path if is_safe else "/")


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        (str(2**63 - 2), True),
        (str(2**63 - 1), True),
        (str(2**63), False),
        ("1".zfill(19), True),
        ("1".zfill(20), False),
    ],
)
def test_an_id_in_a_query_has_19_digits_and_fits_the_database(text: str, is_id: bool) -> None:
    if is_id:
        assert _customer(text) == int(text)
        return
    with pytest.raises(HTTPException) as refused:
        _customer(text)
    assert refused.value.status_code == 422


def test_a_row_id_has_at_most_18_digits() -> None:
    assert _ids(f"{'9' * 17} {'9' * 18} {'9' * 19}") == {int("9" * 17), int("9" * 18)}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("999999999999999", 999_999_999_999_999),
        ("1000000000000000", 10**15),
        ("1000000000000001", None),
        ("-1000000000000000", -(10**15)),
        ("-1000000000000001", None),
        ("no amount", None),
    ],
)
def test_an_amount_has_at_most_fifteen_zeros(text: str, amount: int | None) -> None:
    assert LARGEST_AMOUNT == 10**15
    reader = FormReader({"price": text})
    assert reader.amount("price") == (amount or 0)
    assert reader.errors == ({} if amount is not None else {"price": "not_an_amount"})


@pytest.mark.parametrize(("length", "is_long"), [(9_999, False), (10_000, False), (10_001, True)])
def test_a_note_of_a_form_has_at_most_10_000_characters(length: int, is_long: bool) -> None:
    reader = FormReader({"notes": "n" * length})
    assert len(reader.text("notes", LONGEST_TEXT)) == min(length, 10_000)
    assert ("notes" in reader.errors) is is_long


@pytest.mark.parametrize(("length", "is_long"), [(199, False), (200, False), (201, True)])
def test_a_line_of_a_form_has_at_most_200_characters(length: int, is_long: bool) -> None:
    reader = FormReader({"name": "n" * length})
    assert len(reader.text("name")) == min(length, 200)
    assert ("name" in reader.errors) is is_long


@pytest.mark.parametrize(("text", "is_count"), [("99", True), ("999", True), ("1000", False)])
def test_a_count_has_at_most_three_digits(text: str, is_count: bool) -> None:
    reader = FormReader({"adults": text})
    reader.count("adults", 1)
    assert ("adults" not in reader.errors) is is_count


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_beside_the_range_is_no_address_to_listen_on(port: int) -> None:
    with pytest.raises(ListeningError, match="no address to listen on"):
        open_listening_socket("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, 65_535])
def test_the_first_and_the_last_port_are_addresses_to_listen_on(port: int) -> None:
    assert _resolve("127.0.0.1", port).address == ("127.0.0.1", port)


def test_a_device_cookie_knows_the_latest_five_accounts() -> None:
    assert MOST_ACCOUNTS == 5
    cookie = ""
    for number in range(6):
        cookie = with_account(cookie, f"user{number}", KEY, 0.0)
    known = [bool(known_device(cookie, f"user{number}", KEY, 1.0)) for number in range(6)]
    assert known == [False, True, True, True, True, True]


@pytest.mark.parametrize(("length", "is_read"), [(999, True), (1000, True), (1001, False)])
def test_a_device_cookie_of_a_thousand_characters_is_read(length: int, is_read: bool) -> None:
    cookie = f"{with_account('', 'maryam', KEY, 0.0)}~".ljust(length, "x")
    assert bool(known_device(cookie, "maryam", KEY, 1.0)) is is_read


@pytest.mark.parametrize(("age_s", "is_known"), [(-1, True), (0, False), (1, False)])
def test_a_device_is_known_for_180_days(age_s: int, is_known: bool) -> None:
    cookie = with_account("", "maryam", KEY, 0.0)
    at = 180 * 24 * 3600.0 + age_s
    assert bool(known_device(cookie, "maryam", KEY, at)) is is_known


class Waits:
    """A throttle on a clock of its own, and the seconds that it waited."""

    def __init__(self) -> None:
        self.now = 0.0
        self.throttle = LoginThrottle(lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    async def of(self, username: str, *, address: str = "10.0.0.1", is_wrong: bool = True) -> float:
        before = self.now
        async with self.throttle.trying(address, username) as attempt:
            attempt.is_wrong = is_wrong
        return self.now - before


@pytest.mark.parametrize(("after_s", "is_forgotten"), [(-0.001, False), (0, True), (0.001, True)])
async def test_wrong_passwords_are_forgotten_after_fifteen_minutes(
    after_s: float, is_forgotten: bool
) -> None:
    assert FORGET_AFTER_S == 900.0
    waits = Waits()
    for _ in range(4):
        await waits.of("maryam")
    waits.now += FORGET_AFTER_S + after_s
    assert (await waits.of("maryam") == 0) is is_forgotten


@pytest.mark.parametrize(("others", "is_known"), [(-1, True), (0, True), (1, False)])
async def test_the_throttle_counts_for_as_many_accounts_and_addresses_as_its_limit(
    others: int, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_COUNTERS == 20_000
    monkeypatch.setattr("screenpop.web.auth.login_throttle.MOST_COUNTERS", 12)
    waits = Waits()
    for _ in range(4):
        await waits.of("maryam")
    # Three counters an attempt: account and address, account, address.
    for number in range(3 + others):
        await waits.of(f"user{number}", address=f"10.0.1.{number}")
    assert (await waits.of("maryam") > 0) is is_known
