"""How often a wrong password may be tried."""

import pytest

from screenpop.web.login_limits import LoginLimits


def guess(limits: LoginLimits, address: str, username: str) -> bool:
    """One wrong password; whether it was looked at."""
    with limits.trying(address, username) as one:
        one.wrong = True
        return one.allowed


def test_wrong_passwords_for_one_name_come_to_an_end_from_that_address_only() -> None:
    limits = LoginLimits()
    assert [guess(limits, "10.0.0.1", "alice") for _ in range(9)] == [True] * 8 + [False]
    assert guess(limits, "10.0.0.1", "bob")
    assert guess(limits, "10.0.0.2", "alice")


def test_trying_many_names_from_one_address_comes_to_an_end_too() -> None:
    limits = LoginLimits()
    tried = [guess(limits, "10.0.0.1", f"name{number}") for number in range(41)]
    assert tried == [True] * 40 + [False]
    assert guess(limits, "10.0.0.2", "alice")


@pytest.mark.parametrize("spelling", ["ALICE", " alice ", "ａｌｉｃｅ"])
def test_another_spelling_of_the_name_is_the_same_name(spelling: str) -> None:
    limits = LoginLimits()
    for _ in range(8):
        guess(limits, "10.0.0.1", "alice")
    assert not guess(limits, "10.0.0.1", spelling)


def test_another_address_of_one_network_is_the_same_place() -> None:
    limits = LoginLimits()
    for number in range(8):
        assert guess(limits, f"2001:db8::{number}", "alice")
    assert not guess(limits, "2001:db8::ffff", "alice")
    assert guess(limits, "2001:db8:0:1::1", "alice")


def test_many_at_once_are_not_all_allowed_before_the_first_is_known_to_be_wrong() -> None:
    limits = LoginLimits()
    tries = [limits.trying("10.0.0.1", "alice") for _ in range(20)]
    allowed = [one.__enter__().allowed for one in tries]
    assert allowed.count(True) == 8
    for one in tries:
        one.__exit__(None, None, None)
    assert guess(limits, "10.0.0.1", "alice")  # none of them was wrong


def test_right_passwords_count_for_nothing() -> None:
    limits = LoginLimits()
    for _ in range(1000):
        with limits.trying("10.0.0.1", "alice") as one:
            assert one.allowed
