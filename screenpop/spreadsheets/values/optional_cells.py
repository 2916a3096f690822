"""Parsers of cells with their own syntax: account manager, branch, rating."""

import re
from collections.abc import Mapping

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.customers.branches import branch_key
from screenpop.spreadsheets.rows.row_builder import RowBuilder

_STARS = re.compile(r"^([1-5])(?:\s*/\s*5|\.0+)?$")
_MOST_STARS = 5


def parse_owner(place: int, owners: Mapping[str, int], person: RowBuilder, text: str) -> None:
    """Set the account manager. ``owners``: user ids by folded name."""
    owner = owners.get(fold(text))
    if owner is None:
        person.wrong.append((place, "unknown_owner"))
    else:
        person.fields["owner"] = owner


def parse_branch(place: int, branches: Mapping[str, int], person: RowBuilder, text: str) -> None:
    """Set the branch of the office. ``branches``: ids by ``customers.branches.branch_key``."""
    branch = branches.get(branch_key(text))
    if branch is None:
        person.wrong.append((place, "unknown_branch"))
    else:
        person.fields["branch"] = branch


def parse_rating(place: int, person: RowBuilder, text: str) -> None:
    """Set a rating: ``4``, ``4/5``, or four star characters."""
    written = fold_digits(text).strip()
    found = _STARS.match(written)
    stars = len(written) if not found and set(written) <= {"★", "⭐"} else 0
    if found or 0 < stars <= _MOST_STARS:
        person.trip["rating"] = int(found[1]) if found else stars
    else:
        person.wrong.append((place, "bad_rating"))
