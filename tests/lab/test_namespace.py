"""The lab's namespaces, as root and as a normal user."""

import subprocess

import pytest

from pbx_lab import namespace
from pbx_lab.errors import LabMissingError


def test_a_normal_user_gets_a_user_namespace_and_root_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert namespace.unshare()[-2:] == ("--user", "--map-root-user")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--user" not in namespace.unshare()


def test_where_namespaces_are_forbidden_the_commands_that_help_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "unshare: Operation not permitted")

    monkeypatch.setattr("shutil.which", lambda _: "/bin/true")
    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(LabMissingError, match=r"Operation not permitted.*sudo make test-pbx"):
        namespace.require_namespaces()
