"""One thing worth saying to this caller, with the reason to say it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with parameters; the words live in the catalogues of ``web/locale``."""

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``text`` is the offer's own words per language (data, not catalogue)."""

    id: str
    text: dict[str, str]
    reason: Reason
    weight: int
    """Higher is said first."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Ranked suggestions, or silence with its reason (an open complaint or refund)."""

    items: tuple[Suggestion, ...] = ()
    silence: Reason | None = None
