"""A suggestion for this caller, with its reason."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with parameters; the texts are in the catalogues of ``web/locale``."""

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an offer is worth: both are known, or there is none."""

    margin: int
    """What the office earns from it, in whole units of ``currency``."""
    currency: str
    chance: int
    """Percent: how likely customers of this tier are to accept it, from the answers so far."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion; ``text`` is the offer's own text by language (data, not catalogue)."""

    id: str
    text: dict[str, str]
    reason: Reason
    weight: int
    """Higher ranks first."""
    worth: Worth | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Ranked suggestions, or none with the reason (an open complaint or refund)."""

    items: tuple[Suggestion, ...] = ()
    silence: Reason | None = None
    withheld: tuple[str, ...] = ()
    """The ids of offers that are not suggested because the customer is in their control share."""
