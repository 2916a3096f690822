"""How many browsers each web process has, as these report it. No I/O."""

from collections.abc import Mapping

import orjson

from screenpop.accounts.users import UserId

SILENT_S = 10.0
"""A web process that has reported nothing for so long has no browsers."""


def encode_presence(name: str, counts: Mapping[UserId, int], *, whole: bool) -> bytes:
    """Return a report: of all users with browsers, or only of those that have changed."""
    users = {str(user): count for user, count in counts.items()}
    return orjson.dumps({"from": name, "whole": whole, "users": users})


class Presence:
    """The newest reports."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[UserId, int]] = {}
        self._heard_at: dict[str, float] = {}
        self.skipped = 0
        """Reports that could not be read."""

    def hear(self, report: bytes, now: float) -> None:
        """Take a report; ``now`` is any monotonic clock, in seconds."""
        try:
            name, whole, counts = _parse(report)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.skipped += 1
            return
        known = self._counts.setdefault(name, {})
        if whole:
            known.clear()
        known.update(counts)
        for user in [user for user in counts if counts[user] <= 0]:
            del known[user]
        self._heard_at[name] = now
        self._forget(now)

    def count(self, user: UserId, now: float) -> int:
        """Return how many browsers of a user are open."""
        return sum(
            counts.get(user, 0)
            for name, counts in self._counts.items()
            if now - self._heard_at[name] <= SILENT_S
        )

    def _forget(self, now: float) -> None:
        for name in [name for name, at in self._heard_at.items() if now - at > SILENT_S]:
            del self._heard_at[name], self._counts[name]


def _parse(report: bytes) -> tuple[str, bool, dict[UserId, int]]:
    parsed = orjson.loads(report)
    counts = {UserId(int(user)): count for user, count in parsed["users"].items()}
    if not isinstance(parsed["from"], str) or any(type(one) is not int for one in counts.values()):
        raise ValueError
    return parsed["from"], parsed["whole"] is True, counts
