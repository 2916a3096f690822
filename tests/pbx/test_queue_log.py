"""A real ``queue_log``: ``screenpop audit``, board and reports equal it to the call."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from pbx_lab.asterisk import Asterisk
from pbx_lab.stage import Stage
from tests.pbx.played import Played, play
from tests.pbx.product import COMMAND, ENVIRONMENT
from tests.pbx.staff import PEOPLE, Office

SCENARIOS = (
    "queue_ringall",
    "queue_local_members",
    "queue_abandoned",
    "queue_retries_then_answered",
)

SUMS = ("offered", "answered", "abandoned")
COUNTED = {"ENTERQUEUE": "offered", "CONNECT": "answered", "ABANDON": "abandoned"}
TARGET_S = 20
"""The service level of the settings, where nothing else is set."""


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


def figures(office: Office) -> Counter[str]:
    """The counts of the board, and of the reports of calls and of agents."""
    ask = office.product.ask
    board, calls = ask("/api/v1/board"), ask("/api/v1/reports/calls")
    found = Counter({f"board {name}": board[name] for name in SUMS})
    found.update({f"total {name}": calls["total"][name] for name in SUMS})
    for queue in calls["queues"]:
        if queue["name"]:
            found.update({f"{queue['name']} {name}": queue[name] for name in SUMS})
    for agent in ask("/api/v1/reports/agents")["tables"]["agent_calls"]:
        found[f"{agent['agent']} handled"] = agent["handled"]
    level = calls["total"]["service_level"] or 0
    found["within the target"] = round(level * calls["total"]["offered"])
    return found


def recount(queue_log: str) -> Counter[str]:
    """The same counts from the lines that Asterisk wrote: time, call, queue, agent, event, data."""
    found: Counter[str] = Counter()
    for line in queue_log.splitlines():
        _, _, queue, agent, event, *data = line.split("|")
        name = COUNTED.get(event)
        if name is None:
            continue
        found.update({f"{place} {name}": 1 for place in ("board", "total", queue)})
        if event == "CONNECT":
            phone = agent.removeprefix("Agent ")  # as the lab names the members of its queues
            person = next(one for one in PEOPLE if phone in one.phones)
            found[f"{person.name} handled"] += 1
            found["within the target"] += int(data[0]) <= TARGET_S
    return found


def test_our_log_equals_the_queue_log_of_the_pbx_to_the_call(
    asterisk: Asterisk, office: Office
) -> None:
    queue_log = asterisk.folder / "log/asterisk/queue_log"
    before = queue_log.stat().st_size if queue_log.exists() else 0
    earlier = figures(office)
    played = [staged(asterisk, office, name) for name in SCENARIOS]
    new = queue_log.read_bytes()[before:]
    assert figures(office) - earlier == recount(new.decode())
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
