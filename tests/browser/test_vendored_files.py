"""What others wrote is in here as they released it, and nothing is fetched from anywhere else."""

import hashlib
import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
PACKAGES = json.loads((STATIC / "vendor/vendor.json").read_text(encoding="utf-8"))
FOR_TESTS = Path(__file__).parent / "vendor"
OURS = [
    path
    for path in sorted(STATIC.rglob("*"))
    if path.suffix in {".js", ".css", ".svg"} and "vendor" not in path.parts
]
TEMPLATES = sorted((STATIC.parent / "screenpop/web/templates").glob("*.html"))


@pytest.mark.defends("no-third-party")
@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_file_of_a_package_is_as_it_was_released(package: dict[str, object]) -> None:
    files = package["files"]
    assert isinstance(files, dict)
    assert files
    for path, wanted in files.items():
        assert hashlib.sha256((STATIC / path).read_bytes()).hexdigest() == wanted, path


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_package_has_its_licence_beside_it(package: dict[str, str]) -> None:
    text = (STATIC / package["licence_file"]).read_text(encoding="utf-8")
    assert package["licence"]
    assert len(text) > 400


@pytest.mark.defends("no-third-party")
def test_nothing_vendored_is_left_out_of_the_list() -> None:
    listed = {path for package in PACKAGES for path in package["files"]}
    listed |= {package["licence_file"] for package in PACKAGES} | {"vendor/vendor.json"}
    there = {
        path.relative_to(STATIC).as_posix()
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert there == listed


@pytest.mark.defends("no-third-party")
@pytest.mark.parametrize("path", [*OURS, *TEMPLATES], ids=lambda path: path.name)
def test_no_page_asks_another_host_for_anything(path: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", path.read_text(encoding="utf-8"))
    assert [found for found in addresses if "www.w3.org" not in found] == []


SAVED = {"lookback_file.html"}
"""Files that are saved and sent on: their style is in them, and no policy of ours reaches them."""


@pytest.mark.defends("content-policy")
@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name not in SAVED], ids=lambda path: path.name
)
def test_no_template_has_what_a_strict_policy_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    inline = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", text)
        if "src=" not in tag and "json" not in tag
    ]
    assert inline == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=|hx-on|javascript:", text) == []


@pytest.mark.defends("content-policy")
@pytest.mark.parametrize(
    "path", [path for path in OURS if path.suffix == ".js"], ids=lambda path: path.name
)
def test_no_script_does_what_a_strict_policy_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\beval\(|new Function|innerHTML|unsafeHTML|\sstyle=|styleMap", text) == []


@pytest.mark.parametrize(
    "path", [path for path in OURS if path.suffix == ".css"], ids=lambda path: path.name
)
def test_one_sheet_serves_both_directions(path: Path) -> None:
    physical = re.findall(
        r"(?<![-\w])(?:margin|padding|border|inset)?-?(?:left|right)\s*:|text-align:\s*(?:left|right)",
        path.read_text(encoding="utf-8"),
    )
    assert physical == []


def test_what_the_tests_bring_along_is_as_it_was_released() -> None:
    for package in json.loads((FOR_TESTS / "vendor.json").read_text(encoding="utf-8")):
        assert (FOR_TESTS / package["licence_file"]).is_file()
        for path, wanted in package["files"].items():
            assert hashlib.sha256((FOR_TESTS / path).read_bytes()).hexdigest() == wanted
