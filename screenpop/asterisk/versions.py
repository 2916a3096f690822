"""Which Asterisk speaks, from the greeting of its manager interface.

The greeting names the version of AMI, not of Asterisk: 1.x came with Asterisk 11 and older, 2.0
with 12, 11.0 with 22 (``AMI_VERSION`` in Asterisk's include/asterisk/manager.h).
"""

BANNER_NAME = "Asterisk Call Manager"


def ami_version(banner: str) -> str:
    """``1.3`` for ``Asterisk Call Manager/1.3``; empty for anything else."""
    name, slash, version = banner.strip().partition("/")
    return version.strip() if slash and name == BANNER_NAME else ""


def is_too_old(version: str) -> bool:
    """Whether this AMI has ``Dial`` in place of ``DialBegin``, and no ``Linkedid``."""
    major = version.partition(".")[0]
    return major in {"0", "1"}
