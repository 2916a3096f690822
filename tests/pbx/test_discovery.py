"""``screenpop setup`` at a real Asterisk with the database of a FreePBX."""

from __future__ import annotations

import asyncio
import subprocess
import tomllib
from pathlib import Path

from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import SECRET
from pbx_lab.network import AMI_ADDRESS
from screenpop.ami.config import AmiConfig
from screenpop.app.discovery import discover
from screenpop.discovery.pbx_lists import PbxLists
from screenpop.discovery.proposal import Layout, propose
from screenpop.telephony.identifiers import PbxId
from tests.pbx.product import COMMAND, ENVIRONMENT

FREEPBX_DATABASE = (
    'database put AMPUSER/101 cidname "Maryam Karimi"',
    'database put AMPUSER/102 cidname "Ελένη Παππά"',
    'database put AMPUSER/103 cidname "نیکو"',
)


def read(username: str = "screenpop", secret: str = SECRET) -> PbxLists:
    return asyncio.run(discover(AmiConfig(PbxId("lab"), AMI_ADDRESS, username, secret)))


def test_people_trunks_lines_and_queues_are_found_with_the_user_of_asterisk_conf(
    asterisk: Asterisk,
) -> None:
    asterisk.run_console(*FREEPBX_DATABASE)
    lists = read()
    found = propose(lists)
    assert lists.unread == ()
    assert found.version.startswith(f"{asterisk.version.name}.")
    assert found.layout is Layout.FREEPBX
    is_old = asterisk.version.name == "16"
    assert found.trunks == (*(["siptrunk"] if is_old else []), "trunk", "trunk2")
    people = {one.extension: one for one in found.people}
    assert people["101"].name == "Maryam Karimi"
    assert people["101"].phones == ("101", "99101")
    assert people["101"].queues[:3] == ("700", "701", "702")
    assert (people["102"].name, people["102"].language) == ("Ελένη Παππά", "el")
    assert (people["103"].name, people["103"].language) == ("نیکو", "fa")
    lines = {one.number: one.label for one in found.lines}
    assert lines["02191000101"] == "Maryam Karimi"
    assert lines["02191000700"] == "support"
    assert {"700", "support", "sales"} <= set(found.queues)


def test_without_the_database_of_freepbx_names_come_from_the_phones_themselves(
    asterisk: Asterisk,
) -> None:
    asterisk.run_console("database deltree AMPUSER", "database deltree DEVICE")
    try:
        found = propose(read())
    finally:
        asterisk.fill_database()
    assert found.layout is Layout.PLAIN
    names = {one.extension: one.name for one in found.people}
    assert names["101"] == "Agent 101"
    assert "trunk" not in names
    assert "trunk" in found.trunks


def test_a_user_with_more_rights_gets_the_same_proposal(asterisk: Asterisk) -> None:
    asterisk.run_console(*FREEPBX_DATABASE)
    ours, with_more_rights = read(), read("operator", "operator")
    assert not ours.rows["PJSIPShowEndpoints"]
    assert len(with_more_rights.rows["PJSIPShowEndpoints"]) == 6
    assert propose(with_more_rights) == propose(ours)


def test_setup_writes_settings_that_serve_and_the_doctor_finds_nothing_wrong(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    asterisk.run_console(*FREEPBX_DATABASE)
    (tmp_path / "secret").write_text(SECRET)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("setup", "--yes", "--region", "IR", "--secret-from", "secret", "--host", AMI_ADDRESS)
    written = tomllib.loads((tmp_path / "screenpop.toml").read_text(encoding="utf-8"))
    is_old = asterisk.version.name == "16"
    phones = ["1XX", "2XX", "9XXXX"] if is_old else ["1XX", "9XXXX"]
    assert written["pbx"][0]["phones"] == phones
    output = run("doctor")
    assert "accepts the login and sends its calls" in output
    assert "No agent has" not in output, output
    if not is_old:
        assert "Every phone has its agent, every agent a phone" in output, output
