"""Views of sessions and of refused passwords, for the user's own page and for others."""

from collections.abc import Iterable

from screenpop.accounts.password_policy import check_password_policy
from screenpop.accounts.users import User
from screenpop.store.accounts.common_passwords import common_passwords
from screenpop.store.accounts.sessions import OpenSession
from screenpop.web.auth.browser_names import browser_name
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View

_DONE = frozenset({"password", "cards", "others", "session"})


def account_view(
    sessions: Iterable[OpenSession],
    current_user: CurrentUser,
    problem: View | None,
    done: str,
    *,
    has_second_factor: bool,
) -> View:
    """Return the data of ``_account.html``; ``done``: the last change, from the address."""
    return {
        "sessions": session_views(sessions, current_user.session_id),
        "problem": problem,
        "has_second_factor": has_second_factor,
        "done": done if done in _DONE else "",
    }


def session_views(sessions: Iterable[OpenSession], own: int) -> list[View]:
    """Return what pages list of sessions; ``own``: the id of the session of the request."""
    return [
        {
            "id": one.id,
            "browser": browser_name(one.browser),
            "address": one.address,
            "created_at": one.created_at,
            "last_seen_at": one.last_seen_at,
            "is_this": one.id == own,
        }
        for one in sessions
    ]


def new_password_problem(user: User, new: str, again: str) -> View | None:
    """Return what is wrong with a new password, as a code with parameters."""
    problems = check_password_policy(
        new,
        username=user.username,
        display_name=user.display_name,
        common=common_passwords(),
    )
    if problems:
        return {"code": problems[0].code, "params": dict(problems[0].params)}
    return None if new == again else {"code": "not_same", "params": {}}
