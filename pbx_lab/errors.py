"""What the lab says when it cannot go on."""

from __future__ import annotations


class LabMissing(Exception):
    """The machine lacks something the lab needs; the text names the command that mends it."""


class LabBroken(Exception):
    """The lab itself does not work as it should."""


class NeverHappened(Exception):
    """An awaited event did not come within its time limit."""
