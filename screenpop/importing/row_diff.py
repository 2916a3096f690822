"""Find the rows of a watched sheet that changed since it was last read.

A person and the rows that continue it have one digest, so they are imported together.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence

from screenpop.customers.draft import IncomingRow

Parts = AsyncIterator[Sequence[IncomingRow]]


class RowDiff:
    """Pass on the rows whose digest is not in ``known``."""

    def __init__(self, known: set[str]) -> None:
        self._known = known
        self._group: list[IncomingRow] = []
        self.seen: dict[str, int] = {}
        """The digest of each group of rows read so far, with its first line."""

    @property
    def new(self) -> dict[str, int]:
        return {mark: line for mark, line in self.seen.items() if mark not in self._known}

    @property
    def gone(self) -> set[str]:
        return self._known - self.seen.keys()

    async def of(self, parts: Parts) -> Parts:
        async for part in parts:
            changed: list[IncomingRow] = []
            for row in part:
                if not row.more_of_above:
                    changed += self._settle()
                self._group.append(row)
            if changed:
                yield changed
        if last := self._settle():
            yield last

    def _settle(self) -> list[IncomingRow]:
        group, self._group = self._group, []
        if not group:
            return []
        mark = row_digest(group)
        if mark in self.seen:
            return []  # a repeated group
        self.seen[mark] = group[0].line
        return [] if mark in self._known else group


def row_digest(group: Sequence[IncomingRow]) -> str:
    """Return the digest of a group's content; its place in the sheet does not count."""
    text = "\x1f".join(repr(row.draft) for row in group)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
