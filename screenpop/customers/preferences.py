"""How a customer travels: by subject, and all of it in one line."""

from collections.abc import Mapping

OTHER = "other"
"""The subject of whatever has none of its own."""


def join_preferences(wishes: Mapping[str, str]) -> str:
    return "; ".join(wishes.values())


def preferences_by_subject(wishes: Mapping[str, str], line: str) -> dict[str, str]:
    """The wishes with what the line says beyond them, which else no page would show."""
    if not line or line == join_preferences(wishes):
        return dict(wishes)
    other = wishes.get(OTHER, "")
    return {**wishes, OTHER: f"{other}; {line}" if other and other != line else line}
