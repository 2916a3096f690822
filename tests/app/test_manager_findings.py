"""What manager.conf contains about the AMI user, and what it does not."""

from pathlib import Path

import pytest

from screenpop.ami.config import AmiConfig
from screenpop.app.doctor_findings import Grade
from screenpop.app.manager_findings import manager_conf_findings, secret_findings
from screenpop.telephony.identifiers import PbxId

OURS = "a-long-random-secret"
GOOD = """[general]
enabled = yes
[screenpop]
secret = a-long-random-secret ; not this comment
deny = 0.0.0.0/0.0.0.0
permit = 10.0.0.5/255.255.255.255
read = system,call,agent
write = reporting
"""


def address(host: str = "pbx.lan", secret: str = OURS) -> AmiConfig:
    return AmiConfig(PbxId("office"), host, "screenpop", secret)


def findings_text(tmp_path: Path, text: str, secret: str = OURS) -> str:
    path = tmp_path / "manager.conf"
    path.write_text(text)
    return " ".join(one.sentence for one in manager_conf_findings(address(secret=secret), path))


def test_a_user_in_order_is_reported_as_good(tmp_path: Path) -> None:
    assert (
        findings_text(tmp_path, GOOD) == "Its AMI user reads all it needs and has an address list."
    )
    assert "reads all it needs" in findings_text(tmp_path, GOOD.replace("system,call,agent", "all"))


@pytest.mark.parametrize("missing", ["system", "call", "agent"])
def test_a_missing_read_class_is_named(tmp_path: Path, missing: str) -> None:
    kept = ",".join(one for one in ("system", "call", "agent") if one != missing)
    sentence = findings_text(tmp_path, GOOD.replace("system,call,agent", kept))
    assert f"lacks {missing} under read =" in sentence


@pytest.mark.defends("ami-rights")
def test_a_user_without_deny_may_log_in_from_anywhere(tmp_path: Path) -> None:
    assert "may log in from any address" in findings_text(
        tmp_path, GOOD.replace("deny =", ";deny =")
    )


def test_another_secret_and_another_name_are_reported(tmp_path: Path) -> None:
    assert "is not the one in the settings" in findings_text(tmp_path, GOOD, secret="another-one")
    assert "has no user [screenpop]" in findings_text(
        tmp_path, GOOD.replace("[screenpop]", "[other]")
    )
    assert "has CHANGE-ME" in findings_text(
        tmp_path, GOOD.replace("a-long-random-secret", "CHANGE-ME")
    )


def test_included_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "manager.d").mkdir()
    (tmp_path / "manager.d" / "screenpop.conf").write_text(GOOD.partition("enabled = yes")[2])
    assert "reads all it needs" in findings_text(tmp_path, "[general]\n#include manager.d/*.conf\n")


def test_without_a_file_the_unknown_is_reported_as_a_hint(tmp_path: Path) -> None:
    [elsewhere] = manager_conf_findings(address(), None)
    [gone] = manager_conf_findings(address(), tmp_path / "none.conf")
    for one in (elsewhere, gone):
        assert one.grade is Grade.HINT
        assert one.is_unknown
        assert "--manager-conf" in one.sentence


@pytest.mark.defends("ami-rights")
def test_the_secret_of_the_example_file_is_refused() -> None:
    [one] = secret_findings(address(secret="CHANGE-ME"))
    assert one.grade is Grade.BAD
    assert "CHANGE-ME" in one.sentence
    assert secret_findings(address()) == []
