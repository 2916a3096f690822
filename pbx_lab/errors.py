"""What the lab says when it cannot go on."""

from __future__ import annotations


class LabMissingError(Exception):
    """The machine lacks something the lab needs; the text names the command that mends it."""


class LabBrokenError(Exception):
    """The lab itself does not work as it should."""


class NeverHappenedError(Exception):
    """An awaited event did not come within its time limit."""
