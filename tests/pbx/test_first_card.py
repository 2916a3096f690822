"""From a PBX that does not know Screenpop to the first card of it, by the commands of the docs.

``python -m pbx_lab first-card`` runs this alone, with an installation made before, and prints the
number of commands and the time they took. Nothing is held against a limit of time.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from pbx_lab.asterisk import Asterisk
from pbx_lab.network import AMI_ADDRESS
from pbx_lab.stage import Stage
from tests.browser.chromium import FLAGS, find_chromium
from tests.pbx.product import COMMAND, CUSTOMERS, ENVIRONMENT, PASSWORD, Person, Product

ROOT = Path(__file__).parents[2]
INSTALLED_IN = "FIRST_CARD_INSTALL_S"
"""The environment variable with the seconds that the installation took."""


@dataclass
class Shell:
    """Runs commands, and counts them."""

    folder: Path
    count: int = 0
    took: list[tuple[float, str]] = field(default_factory=list)

    def run(self, command: str) -> str:
        began = time.monotonic()
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=self.folder,
            env={**ENVIRONMENT, "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        self.count += 1
        self.took.append((time.monotonic() - began, command))
        return done.stdout


def documented_commands() -> list[str]:
    """Return the commands of the numbered steps of docs/install.md."""
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    steps = text[text.index("**1. ") : text.index("<!-- end of the first card -->")]
    blocks = re.findall(r"^```sh\n(.*?)^```", steps, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@contextmanager
def without_our_user(asterisk: Asterisk) -> Iterator[Path]:
    """Take Screenpop's files away from the PBX, and put them back at the end."""
    folder = asterisk.folder / "etc" / "manager.d"
    kept = {path: path.read_bytes() for path in folder.glob("*.conf")}
    try:
        for path in kept:
            path.unlink()
        (folder / "none.conf").touch()  # Asterisk refuses an #include that matches nothing
        asterisk.run_console("manager reload")
        yield folder
    finally:
        for path, data in kept.items():
            path.write_bytes(data)
        asterisk.run_console("manager reload")


def test_the_first_card_comes_by_the_commands_of_the_docs(
    asterisk: Asterisk, stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asterisk.run_console('database put AMPUSER/101 cidname "Maryam"')
    shell = Shell(tmp_path)
    product = Product(tmp_path, [Person("maryam", "Maryam", "en", ("101",))])
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    console = shlex.join(["chroot", str(asterisk.version.root.path), "/usr/sbin/asterisk"])
    began = time.monotonic()
    with without_our_user(asterisk) as manager_d:
        shell.run("screenpop asterisk-conf --to asterisk-files --new-secret")
        # The PBX's own address for the product is another one in the lab.
        permit = "s/^permit = 127.0.0.1.*/permit = 127.0.0.0\\/255.0.0.0/"
        subprocess.run(
            ["sed", "-i", permit, tmp_path / "asterisk-files/manager.d/screenpop.conf"], check=True
        )
        shell.run(f"install -m 640 asterisk-files/manager.d/*.conf {manager_d}")
        shell.run(f"{console} -rx 'manager reload'")
        shell.run(
            f"screenpop setup --yes --region IR --host {AMI_ADDRESS} --data data"
            " --secret-from - --logins logins.txt < asterisk-files/ami-secret"
        )
        shell.run("screenpop import customers.csv")
        with (tmp_path / "screenpop.toml").open("r+", encoding="utf-8") as settings:
            text = settings.read()
            settings.seek(0)
            settings.write("bind_port = 0\n" + text)
        try:
            product.start()
            shell.count += 1
            first_card(product, stage, (tmp_path / "logins.txt").read_text(encoding="utf-8"))
        finally:
            product.stop()
    took = time.monotonic() - began
    commands = documented_commands()
    report(capsys, shell, took, len(commands))
    assert (ROOT / "docs/install.md").read_text().count(f"{len(commands)} commands") == 1


def first_card(product: Product, stage: Stage, logins: str) -> None:
    """Log in by the list of logins, call the phone, and see the caller's name."""
    found = re.search(r"Maryam · user name: (\S+) · password for the first login: (\S+)", logins)
    assert found is not None, logins
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page()
        page.goto(f"{product.url}/login")
        page.fill("input[name=username]", found[1])
        page.fill("input[name=password]", found[2])
        page.keyboard.press("Enter")
        page.fill("input[name=password]", found[2])
        page.fill("input[name=new]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#status .dot.live")).to_be_attached()
        stage.phone("101", 4.0)
        customer = stage.call("02191000101")
        expect(page.locator("#stack .card .name")).to_contain_text("Karimi")
        stage.until_talks("101")
        stage.hang_up(customer)
        browser.close()


def report(capsys: pytest.CaptureFixture[str], shell: Shell, took: float, documented: int) -> None:
    installing = float(os.environ.get(INSTALLED_IN, "0"))
    lines = [f"From nothing to the first card: {documented} commands of docs/install.md"]
    if installing:
        lines.append(f"  {installing:6.1f} s  installation (venv and packages)")
    lines += [f"  {seconds:6.1f} s  {command}" for seconds, command in shell.took]
    lines += [
        f"  {took:6.1f} s  in all, with the start, the first login and the call",
        f"{(installing + took) / 60:.1f} minutes of the machine",
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
