"""The cookie of browsers that have logged in before."""

import pytest

from screenpop.web.auth.device_cookie import LASTS_S, MOST_ACCOUNTS, known_device, with_account

KEY, NOW = b"k" * 48, 1_800_000_000.0


def test_a_browser_is_known_for_each_account_it_logged_into_and_no_other() -> None:
    cookie = with_account(with_account("", "alice", KEY, NOW), "bob", KEY, NOW)
    assert known_device(cookie, " ALICE ", KEY, NOW)
    assert known_device(cookie, "bob", KEY, NOW)
    assert not known_device(cookie, "carol", KEY, NOW)
    assert not known_device(cookie, "alice", b"x" * 48, NOW)
    assert "alice" not in cookie


@pytest.mark.defends("signed-cookies")
def test_it_is_known_to_the_last_second_and_then_no_more() -> None:
    cookie = with_account("", "alice", KEY, NOW)
    assert known_device(cookie, "alice", KEY, NOW + LASTS_S - 1)
    assert not known_device(cookie, "alice", KEY, NOW + LASTS_S)


def test_it_holds_the_latest_accounts_each_once() -> None:
    cookie = ""
    for number in range(MOST_ACCOUNTS + 2):
        cookie = with_account(cookie, f"user{number}", KEY, NOW)
        cookie = with_account(cookie, f"user{number}", KEY, NOW)
    assert cookie.count("~") == MOST_ACCOUNTS - 1
    assert not known_device(cookie, "user1", KEY, NOW)
    assert known_device(cookie, "user2", KEY, NOW)


@pytest.mark.defends("signed-cookies")
@pytest.mark.parametrize(
    "made_up", ["", "..", "1.2.3", "x.y.z~" * 40, "٣.a.b", "9" * 5000, "a.b.c.d", "~~~"]
)
def test_an_invented_cookie_is_of_no_device_and_breaks_nothing(made_up: str) -> None:
    assert known_device(made_up, "alice", KEY, NOW) == ""
    assert known_device(with_account(made_up, "alice", KEY, NOW), "alice", KEY, NOW)
