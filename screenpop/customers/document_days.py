"""What a card and the work lists know of a travel document; the number is never part of it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DocumentDays:
    kind: str
    """As ``documents.DocumentKind``."""
    country: str
    valid_from: date | None
    expires: date | None
