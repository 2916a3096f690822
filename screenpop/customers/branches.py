"""The office's own branches: their names."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.common.search_normalization import fold

MAX_BRANCH_NAME = 80
MAX_BRANCHES = 200


class BranchProblem(StrEnum):
    EMPTY = "empty"
    LONG = "long"
    TAKEN = "taken"
    """Another branch has the name, but for case, accents and spelling of letters."""
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Branch:
    id: int
    name: str


def branch_key(name: str) -> str:
    """Return what two names have in common that name the same branch."""
    return fold(name)


def clean_branch_name(name: str) -> str:
    """Return a name without doubled spaces."""
    return " ".join(name.split())


def name_problem(name: str) -> BranchProblem | None:
    """Return why a clean name cannot be a branch's, if so."""
    if len(name) > MAX_BRANCH_NAME:
        return BranchProblem.LONG
    return None if branch_key(name) else BranchProblem.EMPTY
