"""Another sheet of an imported file, as its preview shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherSheet:
    """Another sheet of the same file."""

    name: str
    rows: int
    """Rows below the headings."""
    kind: str
    """``customers``, ``trips``, ``payments``, ``unknown``."""
    hidden: bool
    key: str
    """The heading by which its rows find their customers; empty: name and number, or none."""
    can_join: bool
    """Whether its rows can be imported together with the sheet of the customers."""
