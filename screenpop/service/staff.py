"""The users and the agents at their phones."""

from collections.abc import Iterable
from dataclasses import dataclass

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User, UserId
from screenpop.agents.roster import Roster


@dataclass(frozen=True, slots=True)
class Staff:
    """Immutable; replaced as a whole when users or phones change. Made by ``build_staff``."""

    everyone: tuple[UserId, ...]
    watchers: tuple[UserId, ...]
    """The users who see all calls."""
    roster: Roster


def build_staff(users: Iterable[User], roster: Roster) -> Staff:
    users = tuple(users)
    return Staff(
        everyone=tuple(user.id for user in users),
        watchers=tuple(user.id for user in users if has_right(user.role, Right.SEE_ALL_CALLS)),
        roster=roster,
    )
