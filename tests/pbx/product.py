"""``screenpop serve`` as its own process, set up with its own commands, listening to the lab."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx_lab.configuration import SECRET
from pbx_lab.network import AMI_ADDRESS
from pbx_lab.stage import wait_until

COMMAND = os.environ.get("SCREENPOP", str(Path(sys.executable).with_name("screenpop")))
# Without the settings of this machine.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("SCREENPOP")
}
PASSWORD = "four words of the lab"
DOWN_WITHIN_S = 15.0

SETTINGS = """
data_dir = "{folder}/data"
bind_port = 0
timezone = "Asia/Tehran"
log_level = "debug"
log_format = "json"

[number_plan]
region = "IR"
area_code = "21"
extensions = ["1XX", "2XX", "99XXX"]

[fastagi]
enabled = true

[[pbx]]
id = "lab"
host = "{address}"
username = "screenpop"
secret = "{secret}"
phones = ["1XX", "2XX", "99XXX"]

[[pbx.trunks]]
name = "trunk"
"""

CUSTOMERS = """\
title,first name,last name,phone,second phone,language,birthday,tier,balance,notes
Mr,Reza,Karimi,09123456789,,fa,1980-05-03,gold,,Window seat
Ms,Eleni,Papadopoulou,+30 210 123 4567,,el,1975-11-21,silver,,
Mrs,Sara,Hosseini,+98 21 8877 6655,,fa,,none,,
Mr,Nikos,Ioannou,0912 111 2233,,el,,none,,
"""


@dataclass(frozen=True)
class Person:
    """A user of the installation, in words of the command line."""

    username: str
    name: str
    language: str
    phones: tuple[str, ...] = ()
    role: str = "agent"


class Product:
    """Its folder, its processes, and the answers of its API."""

    def __init__(self, folder: Path, people: Sequence[Person]) -> None:
        self.folder = folder
        self.people = people
        self.log = folder / "serve.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def set_up(self) -> None:
        """As an admin would: settings, database, users, customers."""
        self.write_settings()
        (self.folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
        self.run("migrate")
        jobs = [("import", "customers.csv"), *map(added, self.people)]
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(lambda job: self.run(*job), jobs))

    def set_up_as(self, folder: Path) -> None:
        """Copy the data of a product that is set up and has never served."""
        self.write_settings()
        shutil.copytree(folder / "data", self.folder / "data")

    def write_settings(self) -> None:
        """Make the folder and its settings file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(folder=self.folder, address=AMI_ADDRESS, secret=SECRET)
        (self.folder / "screenpop.toml").write_text(settings, encoding="utf-8")

    def run(self, *arguments: str) -> None:
        """One command; its output is in the error if it fails."""
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            input=f"{PASSWORD}\n",
            check=False,
        )
        assert done.returncode == 0, f"screenpop {' '.join(arguments)}:\n{done.stderr}"

    def start(self) -> None:
        """Serve, and wait until it has a live link to the PBX."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "serve"], cwd=self.folder, env=ENVIRONMENT, stdout=log, stderr=log
            )
        wait_until(self.is_ready, f"the server did not get ready; see {self.log}", 60)

    def is_ready(self) -> bool:
        """Whether it serves pages and its link to the PBX is live."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-4000:]
        address = self.folder / "data/url"
        if not address.is_file():
            return False
        self.url = address.read_text(encoding="ascii").strip()
        try:
            ready = self.ask("/readyz")
            return bool(ready["ready"]) and set(ready["pbx"].values()) == {"live"}
        except (urllib.error.URLError, OSError):
            return False

    def until_live(self) -> None:
        """Wait until the link to the PBX is live again."""
        wait_until(self.is_ready, "the link to the PBX did not come back", 30)

    def stop(self) -> None:
        """SIGTERM, and more if that does not do."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def ask(self, path: str) -> dict[str, Any]:
        """A GET with the token of the data folder."""
        token = (self.folder / "data/token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(  # noqa: S310 -- our own server on loopback
            self.url + path, headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            output: dict[str, Any] = json.load(answer)
            return output

    def newest_call(self) -> int:
        """The log's highest number so far; 0 when it is empty."""
        return max((int(call["id"]) for call in self.ask("/api/v1/calls")["calls"]), default=0)

    def calls_after(self, number: int, wanted: int) -> list[dict[str, Any]]:
        """The calls logged since, whole, oldest first, as soon as as many as wanted have ended."""
        found: list[int] = []

        def are_there() -> bool:
            since = [c for c in self.ask("/api/v1/calls")["calls"] if int(c["id"]) > number]
            found[:] = sorted(int(call["id"]) for call in since)
            in_progress = any(call["disposition"] == "in_progress" for call in since)
            return len(found) >= wanted and not in_progress

        wait_until(are_there, f"{wanted} calls should be in the log", 10)
        return [self.ask(f"/api/v1/calls/{one}") for one in found]


def added(person: Person) -> tuple[str, ...]:
    """The command that makes a user."""
    return (
        *("user", "add", person.username, "--name", person.name, "--password-stdin"),
        *("--role", person.role, "--language", person.language),
        *(("--phones", ",".join(person.phones)) if person.phones else ()),
    )
