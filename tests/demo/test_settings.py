"""The demo's settings: its office has the time zone of the computer."""

from pathlib import Path

from screenpop.demo.settings import zone_of_computer


def test_the_zone_is_that_of_the_variable_then_of_the_link_then_of_the_demo(tmp_path: Path) -> None:
    linked, own = tmp_path / "localtime", tmp_path / "own"
    linked.symlink_to("/usr/share/zoneinfo/Europe/Athens")
    own.write_bytes(b"TZif2")
    missing = tmp_path / "missing"
    for variable, link, zone in (
        ("Europe/Berlin", linked, "Europe/Berlin"),
        (":Europe/Berlin", linked, "Europe/Berlin"),
        ("", linked, "Europe/Athens"),
        ("CET-1CEST", linked, "Europe/Athens"),
        ("../../etc/passwd", missing, "Asia/Tehran"),
        ("", own, "Asia/Tehran"),
        ("", missing, "Asia/Tehran"),
    ):
        assert zone_of_computer(variable, link) == zone
