"""Who is there: everybody who may be told something, and who sits at which phone."""

from collections.abc import Iterable

from screenpop.accounts.rights import may
from screenpop.accounts.users import Right, User, UserId
from screenpop.agents.roster import Roster
from screenpop.values import dataclass


@dataclass(frozen=True, slots=True)
class People:
    """Replaced whole when users or phones change. Made by ``people_of``."""

    everyone: tuple[UserId, ...]
    watchers: tuple[UserId, ...]
    """Those who see all calls."""
    roster: Roster


def people_of(users: Iterable[User], roster: Roster) -> People:
    users = tuple(users)
    return People(
        everyone=tuple(user.id for user in users),
        watchers=tuple(user.id for user in users if may(user.role, Right.SEE_ALL_CALLS)),
        roster=roster,
    )
