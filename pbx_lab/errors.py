"""Errors with which the lab stops."""

from __future__ import annotations


class LabMissingError(Exception):
    """The machine lacks something that the lab needs; the text names the command that installs
    it."""


class LabBrokenError(Exception):
    """The lab itself does not work as it should."""


class NeverHappenedError(Exception):
    """An awaited event did not come within its time limit."""
