"""The view of the user's own sessions for ``/me``."""

from collections.abc import Iterable

from screenpop.store.accounts.sessions import OpenSession
from screenpop.web.auth.browser_names import browser_name
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View

_DONE = frozenset({"password", "cards", "others", "session"})


def account_view(
    sessions: Iterable[OpenSession], current_user: CurrentUser, problem: View | None, done: str
) -> View:
    """Return the data of ``_account.html``; ``done``: the last change, from the address."""
    return {
        "sessions": [
            {
                "id": one.id,
                "browser": browser_name(one.browser),
                "address": one.address,
                "created_at": one.created_at,
                "last_seen_at": one.last_seen_at,
                "is_this": one.id == current_user.session_id,
            }
            for one in sessions
        ],
        "problem": problem,
        "done": done if done in _DONE else "",
    }
