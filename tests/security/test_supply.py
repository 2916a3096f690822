"""Licences and list of parts of the server, from its lock and what is installed; no network."""

import json
import re
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from release.lock_file import LOCK, read_lock
from tests.security.audit import Answer, read_answer, skip
from tests.security.licences import is_allowed, licence_of, refused_licences
from tests.security.sbom import list_parts, write_sbom
from tests.security.vendored import vendored_packages

PURL = re.compile(r"pkg:(pypi|npm)/[a-z0-9%._/-]+@[A-Za-z0-9.+!-]+")


def each_part(parts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in parts.get("components", ()):
        yield part
        yield from each_part(part)


@pytest.mark.defends("licences")
def test_each_package_of_the_server_has_a_licence_of_the_list() -> None:
    packages = list(read_lock(LOCK.read_text("utf-8")))
    assert len(packages) > 50
    assert refused_licences(packages) == []
    assert [one["name"] for one in vendored_packages() if not is_allowed(one["licence"])] == []


def test_licence_is_read_from_each_place_of_the_metadata() -> None:
    rows = [
        ({"License-Expression": "MIT OR GPL-3.0-only"}, "MIT OR GPL-3.0-only", False),
        ({"License-Expression": "MPL-2.0 AND (Apache-2.0 OR MIT)"}, None, True),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT", True),
        ({"License": "BSD-3-Clause", "Classifier": "License :: X :: BSD License"}, None, True),
        ({"License": "GNU Affero\nGeneral"}, "GNU Affero", False),
        ({}, "", False),
    ]
    for headers, text, is_good in rows:
        metadata = Message()
        for name, value in headers.items():
            metadata[name] = value.replace("\n", "\n ")
        licence = licence_of("any", metadata)  # type: ignore[arg-type]
        assert text is None or licence == text
        assert is_allowed(licence) is is_good


@pytest.mark.defends("parts-list")
def test_the_list_of_parts_has_every_package_and_vendored_file(tmp_path: Path) -> None:
    parts = json.loads(write_sbom(tmp_path / "dist").read_text("utf-8"))
    assert (parts["bomFormat"], parts["specVersion"], parts["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", parts["serialNumber"])
    assert PURL.fullmatch(parts["metadata"]["component"]["purl"])
    listed = list(each_part(parts))
    refs = [part["bom-ref"] for part in listed]
    assert len(refs) == len(set(refs))
    for part in listed:
        hashes = part.get("hashes", [])
        assert all(re.fullmatch(r"[0-9a-f]{64}", one["content"]) for one in hashes)
        assert all(one["alg"] == "SHA-256" for one in hashes)
        if part["type"] == "library":
            assert PURL.fullmatch(part["purl"]), part["purl"]
            assert part["version"]
            assert part.get("licenses") or part.get("properties"), part["name"]
        else:
            assert hashes
    named = {(part["name"], part.get("version")): part for part in listed}
    for package in read_lock(LOCK.read_text("utf-8")):
        hashes = named[package.name, package.version]["hashes"]
        assert {one["content"] for one in hashes} == set(package.hashes)
    for entry in vendored_packages():
        assert {f"static/{file}" for file in entry["files"]} <= {name for name, _ in named}
    assert list_parts("0.1.0") == list_parts("0.1.0")


def test_lock_with_a_line_that_is_not_understood_is_refused() -> None:
    good = "a==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "0" * 64
    (package,) = read_lock(good)
    assert (package.name, package.version) == ("a", "1.0")
    assert package.marker == "sys_platform == 'win32'"
    for bad in ("a==1.0", "a>=1.0 \\\n    --hash=sha256:" + "0" * 64, good + "\n    -e ."):
        with pytest.raises(ValueError, match="not a pinned package"):
            list(read_lock(bad))


def test_package_without_an_answer_is_not_taken_for_safe() -> None:
    packages = [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]},
        {"name": "b", "version": "1", "vulns": []},
        {"name": "c", "skip_reason": "Dependency not found"},
    ]
    answer = read_answer(json.dumps({"dependencies": packages}))
    assert answer == Answer(3, ("a 1: PYSEC-1, mended in 2",), ("c",))
    assert read_answer("Could not resolve host") is None
    assert read_answer("{}") is None


def test_skipped_audit_names_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert (skip("no answer", False), skip("no answer", True)) == (0, 1)
    printed = capsys.readouterr().out
    assert "SKIPPED" in printed
    assert "pip-audit --requirement requirements-server.lock --disable-pip" in printed
