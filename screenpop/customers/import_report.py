"""What an import did or would do: its counts, the result of each row, what an undo kept.

One type each from the worker process to the page and the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

import orjson

_API_SCHEMA: Final = {"json_schema_serialization_defaults_required": True}
"""Pydantic's setting for the API's description: an answer always holds every field."""


SHEET_LINES: Final = 2_000_000
"""Lines of the first joined sheet are counted from here, of the second from twice this, and so on,
so that a line is unique within a file; a report names the sheet and its own line instead."""


class RowResult(StrEnum):
    """The result of a row, in the order of the report: what needs a correction comes first."""

    REFUSED = "refused"
    NOTED = "noted"
    """Imported, but one of its cells could not be read."""
    CHANGED = "changed"
    """Adds to a customer on file."""
    ON_FILE = "on_file"
    """A customer on file, nothing new."""
    JOINED = "joined"
    """The same person as an earlier row."""
    NEW = "new"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The result of one row; ``code`` is its problem."""

    __pydantic_config__: ClassVar = _API_SCHEMA

    line: int
    """Line of the sheet, from 1."""
    what: RowResult
    who: str = ""
    """The name in the sheet; empty for a row without a readable name."""
    column: str = ""
    value: str = ""
    code: str = ""
    """``refused``, ``noted``: a key of ``spreadsheets.rows.errors.REMEDIES``, or ``nobody``: it
    continues a person above it, and there is none."""
    of_line: int = 0
    """``joined``: the line of that earlier row."""
    customer: int = 0
    """``changed``, ``on_file``: the id of the customer; 0 for none."""
    added: tuple[str, ...] = ()
    """Fields that the row adds to the customer."""
    changes: tuple[tuple[str, str, str], ...] = ()
    """Field, old and new value of what a row with the customer's own code replaces."""
    differs: tuple[str, ...] = ()
    """Fields in which the row disagrees with the customer on file, who is not changed."""
    shares_line: int = 0
    """Line of another person with the same number; 0 for none."""
    shares_with: int = 0
    """Id of another customer with the same number; 0 for none."""
    sheet: str = ""
    """The joined sheet of the row; empty: the sheet of the customers."""

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the row of a line that ``to_json`` wrote."""
        values = orjson.loads(line)
        values["what"] = RowResult(values["what"])
        for name in ("added", "differs"):
            values[name] = tuple(values.get(name, ()))
        values["changes"] = tuple(tuple(one) for one in values.get("changes", ()))
        return cls(**values)

    def to_json(self) -> bytes:
        """Return one line of JSON without the fields that have their default value."""
        values = ((name, getattr(self, name), default) for name, default in _DEFAULTS)
        changed = {name: value for name, value, default in values if value != default}
        return orjson.dumps(changed, option=orjson.OPT_APPEND_NEWLINE)


_DEFAULTS = tuple((one.name, one.default) for one in fields(ReportRow))


@dataclass(frozen=True, slots=True)
class ImportTotals:
    """The counts of one import or trial."""

    __pydantic_config__: ClassVar = _API_SCHEMA

    read: int = 0
    """Rows of the sheet so far."""
    new: int = 0
    joined: int = 0
    changed: int = 0
    on_file: int = 0
    """Rows of customers on file that add nothing."""
    sharing: int = 0
    """New customers with a number that another customer has too."""
    refused: int = 0
    noted: int = 0
    trips: int = 0
    payments: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How often each problem occurs, by its code; columns that are not read count once."""


@dataclass(frozen=True, slots=True)
class KeptCustomerReport:
    """A customer whom an undo kept, because the record was changed after the import."""

    customer: int
    name: str
    why: tuple[str, ...]
    """Codes of what was changed: ``edited``, ``merged``, ``case``, ``trip``, or a field."""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(int(plain["customer"]), str(plain["name"]), tuple(plain["why"]))
