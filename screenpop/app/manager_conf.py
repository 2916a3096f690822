"""Reads the permissions of an AMI user from ``manager.conf``, if that file is on this machine.

AMI does not report which classes a user may read or from which addresses it may log in, so this
is the only way to know them without a call.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

NEEDED_CLASSES = ("call", "system", "agent")
EXAMPLE_SECRET = "CHANGE-ME"  # noqa: S105 -- of the bundled example file
MOST_FILES = 200

_SECTION = re.compile(r"\[([^\]]+)\]")
_SETTING = re.compile(r"([A-Za-z_]+)\s*=>?\s*(.*)")
_INCLUDE = re.compile(r"#(?:try)?include\s+[\"<]?([^\">]+)[\">]?", re.IGNORECASE)


@dataclass(slots=True)
class ManagerUser:
    """One section of manager.conf: each name with all its values, in order."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def last(self, name: str) -> str:
        return self.all(name)[-1] if self.all(name) else ""

    @property
    def missing_classes(self) -> tuple[str, ...]:
        """Return the event classes that cards need and ``read =`` lacks."""
        given = {one.strip().lower() for one in self.last("read").split(",")}
        return () if "all" in given else tuple(one for one in NEEDED_CLASSES if one not in given)

    @property
    def has_access_list(self) -> bool:
        """Return whether any address is denied, by ``deny`` or by a named ``acl``."""
        return bool(self.all("deny") or self.all("acl"))


def read_manager_user(path: Path, username: str) -> ManagerUser | None:
    """Return the section of a user, following every ``#include``; None if there is none.

    Raises OSError if the file cannot be read; included files that cannot be read are skipped."""
    found: ManagerUser | None = None
    section = ""
    for line in _lines(path):
        heading = _SECTION.match(line)
        if heading:
            section = heading[1].strip()
            if section == username and found is None:
                found = ManagerUser()
            continue
        setting = _SETTING.match(line)
        if setting and section == username and found is not None:
            found.values.setdefault(setting[1].lower(), []).append(setting[2].strip())
    return found


def _lines(path: Path) -> list[str]:
    lines: list[str] = []
    _collect(path, lines, left=[MOST_FILES])
    return lines


def _collect(path: Path, lines: list[str], left: list[int]) -> None:
    left[0] -= 1
    for raw in path.read_text(encoding="utf-8", errors="replace").splitlines():
        line = raw.partition(";")[0].strip()
        include = _INCLUDE.match(line)
        if include is None:
            lines.append(line)
            continue
        pattern = include[1].strip()
        folder = Path("/") if pattern.startswith("/") else path.parent
        for other in sorted(folder.glob(pattern.lstrip("/"))):
            if left[0] > 0 and other.is_file():
                try:
                    _collect(other, lines, left)
                except OSError:
                    continue
