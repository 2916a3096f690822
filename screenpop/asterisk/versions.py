"""Determines the version of AMI from the greeting.

The greeting names the version of AMI, not of Asterisk: 1.x came with Asterisk 11 and older, 2.0
with 12, 11.0 with 22 (``AMI_VERSION`` in Asterisk's include/asterisk/manager.h).
"""

BANNER_NAME = "Asterisk Call Manager"


def ami_version(banner: str) -> str:
    """Return ``1.3`` for ``Asterisk Call Manager/1.3``; empty for any other text."""
    name, slash, version = banner.strip().partition("/")
    return version.strip() if slash and name == BANNER_NAME else ""


def is_too_old(version: str) -> bool:
    """Return whether this AMI sends ``Dial`` in place of ``DialBegin`` and has no ``Linkedid``."""
    major = version.partition(".")[0]
    return major in {"0", "1"}
