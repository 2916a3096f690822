"""``screenpop audit`` on a real ``queue_log``: our log equals it, call by call."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from pbx_lab.asterisk import Asterisk
from pbx_lab.stage import Stage
from tests.pbx.played import Played, play
from tests.pbx.product import COMMAND, ENVIRONMENT
from tests.pbx.staff import Office

SCENARIOS = (
    "queue_ringall",
    "queue_local_members",
    "queue_abandoned",
    "queue_retries_then_answered",
)


def staged(asterisk: Asterisk, office: Office, name: str) -> Played:
    with Stage(asterisk) as people:
        return play(office, people, name)


def audit(office: Office, queue_log: Path) -> dict[str, Any]:
    done = subprocess.run(
        [COMMAND, "audit", "--queue-log", str(queue_log), "--json"],
        cwd=office.product.folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    [result] = json.loads(done.stdout)
    found: dict[str, Any] = result
    return found


def test_our_log_equals_the_queue_log_of_the_pbx_to_the_call(
    asterisk: Asterisk, office: Office
) -> None:
    queue_log = asterisk.folder / "log/asterisk/queue_log"
    before = queue_log.stat().st_size if queue_log.exists() else 0
    played = [staged(asterisk, office, name) for name in SCENARIOS]
    new = queue_log.read_bytes()[before:]
    # The calls of this test alone: others break the link on purpose.
    part = office.product.folder / "queue_log"
    part.write_bytes(new)
    result = audit(office, part)
    assert result["skipped"] == []
    assert result["differences"] == []
    # An independent count of the lines.
    events = [line.split("|") for line in new.decode().splitlines()]
    entered = {event[1] for event in events if event[4] == "ENTERQUEUE"}
    answered = {event[1] for event in events if event[4] == "CONNECT"}
    assert result["calls"] == result["compared"] == len(entered) == len(SCENARIOS)
    logged = [one.entry()["disposition"] for one in played]
    assert logged.count("answered") == len(answered) == 3
    assert logged.count("abandoned") == len(entered - answered) == 1
