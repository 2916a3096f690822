"""Which sessions see the demo's guide."""

from dataclasses import replace

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.demo_guide import MOST_SESSIONS, DemoGuide

MARYAM = CurrentUser(
    User(UserId(1), "maryam", "Maryam", Role.AGENT, Department.SALES, "fa"),
    "csrf",
    "token",
    2e9,
    session_id=1,
)


def test_a_session_that_closed_the_guide_sees_it_only_after_opening_it_again() -> None:
    guide = DemoGuide()
    assert guide.is_open(MARYAM)
    guide.close(MARYAM)
    assert not guide.is_open(MARYAM)
    assert guide.is_open(replace(MARYAM, session_id=2))
    guide.open(MARYAM)
    assert guide.is_open(MARYAM)


def test_the_newest_1000_sessions_are_remembered() -> None:
    guide = DemoGuide()
    for session in range(MOST_SESSIONS):
        guide.close(replace(MARYAM, session_id=1 + session))
    assert not guide.is_open(MARYAM)
    guide.close(replace(MARYAM, session_id=MOST_SESSIONS + 1))
    assert guide.is_open(MARYAM)
    assert not guide.is_open(replace(MARYAM, session_id=2))
