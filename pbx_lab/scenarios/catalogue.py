"""The list that scenarios enter themselves into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pbx_lab.configuration import PLAIN, Variant
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

# These begin the recording in the middle of a call, or end the PBX.
OF_LINKS = ("resync_", "stopped_", "killed_")

Play = Callable[[Stage], list[Truth]]


@dataclass(frozen=True)
class Scenario:
    """A play with its name and what it needs."""

    name: str
    about: str
    play: Play
    versions: tuple[str, ...]
    variant: Variant

    @property
    def plays_live(self) -> bool:
        """Whether it plays on an Asterisk that runs already, after others and before others."""
        booted_otherwise = self.variant.system_name or self.variant.without_contact
        return not booted_otherwise and not self.name.startswith(OF_LINKS)


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
