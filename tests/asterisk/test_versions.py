"""The version of AMI in the greeting of an Asterisk."""

import pytest

from screenpop.asterisk.versions import ami_version, is_too_old


@pytest.mark.parametrize(
    ("banner", "version", "old"),
    [
        ("Asterisk Call Manager/1.1\r\n", "1.1", True),
        ("Asterisk Call Manager/1.4", "1.4", True),
        ("Asterisk Call Manager/2.0.0", "2.0.0", False),
        ("Asterisk Call Manager/11.0.0", "11.0.0", False),
        ("SSH-2.0-OpenSSH_9.2", "", False),
        ("HTTP/1.1 400 Bad Request", "", False),
        ("Asterisk Call Manager", "", False),
    ],
)
def test_the_banner_gives_the_version_of_ami(banner: str, version: str, old: bool) -> None:
    assert ami_version(banner) == version
    assert is_too_old(version) is old
