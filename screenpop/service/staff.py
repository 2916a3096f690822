"""The users and the agents at their phones."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User, UserId
from screenpop.agents.roster import Roster


@dataclass(frozen=True, slots=True)
class WallScreen:
    """A screen that shows the board by a link, without a login.

    ``reader`` is the id of its stream: negative, so that it is no user's.
    """

    reader: UserId
    shows_names: bool
    agents: frozenset[UserId] | None
    """The users whose calls it shows; None: all calls."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Immutable; replaced as a whole when users or phones change. Made by ``build_staff``."""

    everyone: tuple[UserId, ...]
    watchers: tuple[UserId, ...]
    """Those who see calls of others: supervisors, administrators, wall screens."""
    roster: Roster
    teams: Mapping[UserId, frozenset[UserId]] = field(default_factory=dict)
    """Of the watchers who see some users' calls only: whose."""
    nameless: frozenset[UserId] = frozenset()
    """The watchers who get no names."""

    @property
    def views(self) -> tuple[object, ...]:
        """Return what decides which calls and agents are published to whom."""
        return self.watchers, self.teams, self.nameless

    def readers_of(self, agents: Collection[int]) -> tuple[UserId, ...]:
        """Return the watchers who see what belongs to these agents; what has none, all see."""
        if not self.teams or not agents:
            return self.watchers
        return tuple(
            user
            for user in self.watchers
            if (seen := self.teams.get(user)) is None or not seen.isdisjoint(agents)
        )


def build_staff(
    users: Iterable[User],
    roster: Roster,
    teams: Mapping[UserId, frozenset[UserId]] | None = None,
    screens: Iterable[WallScreen] = (),
) -> Staff:
    """Return the staff. ``teams``: of supervisors who see only some users' calls."""
    users, screens = tuple(users), tuple(screens)
    readers = tuple(screen.reader for screen in screens)
    supervisors = [user.id for user in users if has_right(user.role, Right.SEE_ALL_CALLS)]
    limited = {screen.reader: screen.agents for screen in screens if screen.agents is not None}
    return Staff(
        everyone=(*(user.id for user in users), *readers),
        watchers=(*supervisors, *readers),
        roster=roster,
        teams={**(teams or {}), **limited},
        nameless=frozenset(screen.reader for screen in screens if not screen.shows_names),
    )
