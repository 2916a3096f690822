"""The guide of the demo: notes that explain the parts of the card, until the user closes them.

That a session closed it is kept in memory of the server, nothing in the browser.
"""

from screenpop.web.auth.current_user import CurrentUser

MOST_SESSIONS = 1000
"""Sessions that are remembered; then the oldest sees the guide again."""


class DemoGuide:
    """Which sessions have closed the guide."""

    def __init__(self) -> None:
        self._closed: dict[int, None] = {}

    def is_open(self, current_user: CurrentUser) -> bool:
        return current_user.session_id not in self._closed

    def close(self, current_user: CurrentUser) -> None:
        self._closed[current_user.session_id] = None
        while len(self._closed) > MOST_SESSIONS:
            del self._closed[next(iter(self._closed))]

    def open(self, current_user: CurrentUser) -> None:
        self._closed.pop(current_user.session_id, None)
