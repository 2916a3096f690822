"""Errors of backups, each with the remedy."""


class BackupError(Exception):
    """A backup cannot be written or read; the message has the reason and the remedy."""
