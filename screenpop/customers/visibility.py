"""Which customers' files a user may see: by branch or owner, and hidden files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FilesRule(StrEnum):
    """Which files agents see. Supervisors and administrators see those of the whole office."""

    ALL = "all"
    BRANCH = "branch"
    """Those of their branch and of none."""
    OWN = "own"
    """Those of which they are the account manager, and those without one."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What one user may not see. A file is seen if neither the rule nor ``hidden`` is against."""

    user: int
    branch: int | None = None
    rule: FilesRule = FilesRule.ALL
    hidden: frozenset[int] = frozenset()
    """Files that are hidden from the user, by their customers' ids."""

    @property
    def sees_all(self) -> bool:
        return self.rule is FilesRule.ALL and not self.hidden

    def sees(self, customer: int, branch: int | None, owner: int | None) -> bool:
        """Return whether the user may see this customer's file."""
        if customer in self.hidden:
            return False
        match self.rule:
            case FilesRule.ALL:
                return True
            case FilesRule.BRANCH:
                return branch is None or branch == self.branch
            case FilesRule.OWN:
                return owner is None or owner == self.user

    def to_json(self) -> dict[str, object]:
        """Return the viewer for ``viewer_from_json`` in another process."""
        return {
            "user": self.user,
            "branch": self.branch,
            "rule": self.rule.value,
            "hidden": sorted(self.hidden),
        }


def viewer_from_json(value: Mapping[str, Any]) -> Viewer:
    """Return the viewer that ``to_json`` wrote."""
    rule = FilesRule(value["rule"])
    return Viewer(value["user"], value["branch"], rule, frozenset(value["hidden"]))


@dataclass(slots=True)
class HiddenFiles:
    """The hidden files of the office, each with the users who see it besides administrators.

    Shared by pages and cards, and replaced as a whole after a change.
    """

    seen_by: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def from_user(self, user: int) -> frozenset[int]:
        """Return the files that are hidden from a user who is no administrator."""
        return frozenset(file for file, users in self.seen_by.items() if user not in users)

    def has_one_of(self, customers: Iterable[int]) -> bool:
        return any(customer in self.seen_by for customer in customers)

    def are_hidden_from(self, user: int, customers: Iterable[int]) -> bool:
        """Return whether one of these files is hidden from a user who is no administrator."""
        return any(
            customer in self.seen_by and user not in self.seen_by[customer]
            for customer in customers
        )
