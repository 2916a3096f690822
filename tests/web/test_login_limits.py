"""How often a wrong password may be tried."""

from screenpop.web.login_limits import LoginLimits


def test_wrong_passwords_for_one_name_come_to_an_end_from_that_address_only() -> None:
    limits = LoginLimits()
    for _ in range(8):
        assert limits.allow("10.0.0.1", "alice")
        limits.wrong("10.0.0.1", "alice")
    assert not limits.allow("10.0.0.1", "alice")
    assert limits.allow("10.0.0.1", "bob")
    assert limits.allow("10.0.0.2", "alice")


def test_trying_many_names_from_one_address_comes_to_an_end_too() -> None:
    limits = LoginLimits()
    for number in range(40):
        limits.wrong("10.0.0.1", f"name{number}")
    assert not limits.allow("10.0.0.1", "alice")
    assert limits.allow("10.0.0.2", "alice")


def test_right_passwords_count_for_nothing() -> None:
    limits = LoginLimits()
    assert all(limits.allow("10.0.0.1", "alice") for _ in range(1000))
