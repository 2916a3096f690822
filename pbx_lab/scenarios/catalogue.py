"""The list that scenarios enter themselves into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pbx_lab.configuration import PLAIN, Variant
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

Play = Callable[[Stage], list[Truth]]


@dataclass(frozen=True)
class Scenario:
    """A play with its name and what it needs."""

    name: str
    about: str
    play: Play
    versions: tuple[str, ...]
    variant: Variant


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    versions: tuple[str, ...] = ("16", "22"), variant: Variant = PLAIN
) -> Callable[[Play], Play]:
    """Enter a play into the list under its function's name."""

    def enter(play: Play) -> Play:
        name = getattr(play, "__name__", "")
        about = " ".join((play.__doc__ or "").split())
        SCENARIOS[name] = Scenario(name, about, play, versions, variant)
        return play

    return enter
