"""Travel preferences: by subject, and as one line."""

from collections.abc import Mapping

OTHER = "other"
"""The subject of preferences without a subject of their own."""


def join_preferences(wishes: Mapping[str, str]) -> str:
    return "; ".join(wishes.values())


def preferences_by_subject(wishes: Mapping[str, str], line: str) -> dict[str, str]:
    """Return the preferences by subject, with the parts of the line that no subject has."""
    if not line or line == join_preferences(wishes):
        return dict(wishes)
    other = wishes.get(OTHER, "")
    return {**wishes, OTHER: f"{other}; {line}" if other and other != line else line}
