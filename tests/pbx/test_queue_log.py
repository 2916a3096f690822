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
    "queue_retries_then_answered",  # 101 does not answer: RINGNOANSWER
    "queue_member_paused",
    "queue_timeout_then_back",
    "queue_to_queue",
    "hold_in_queue_call",
    "attended_transfer_to_queue_answered",
)
CONSULTED = 1
"""Of these, calls in which an agent dialled a queue: a call of its own in queue_log only."""

INTERFACES = ("PJSIP/101", "Local/101@from-queue/n", "Local/101@agents")
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


def person_at(member: str) -> str:
    phone = member.removeprefix("Agent ")  # as the lab names the members of its queues
    return next(one.name for one in PEOPLE if phone in one.phones)


def recount(queue_log: str) -> Counter[str]:
    """The same counts from the lines that Asterisk wrote: time, call, queue, agent, event, data.

    A call counts once, in its first queue, as answered if any agent answered it; for each agent
    who answered it. A call of an agent's phone to a queue is not inbound.
    """
    calls: dict[str, list[list[str]]] = {}
    for line in queue_log.splitlines():
        _, call, *event = line.split("|")
        if event[2] in COUNTED:
            calls.setdefault(call, []).append(event)
    found: Counter[str] = Counter()
    for events in calls.values():
        queue, _, first, _, caller, *_ = events[0]
        if first != "ENTERQUEUE" or any(caller in one.phones for one in PEOPLE):
            continue
        connected = [event for event in events if event[2] == "CONNECT"]
        result = "answered" if connected else "abandoned"
        for place in ("board", "total", queue):
            found.update({f"{place} offered": 1, f"{place} {result}": 1})
        found.update({f"{name} handled": 1 for name in {person_at(one[1]) for one in connected}})
        if connected:
            waited = sum(int(one[3]) for one in connected[:1])
            found["within the target"] += waited <= TARGET_S
    return found


def times(office: Office, name: str) -> dict[str, float]:
    """The seconds that the report of agents has, by agent; of pauses by their reason."""
    tables = office.product.ask("/api/v1/reports/agents")["tables"]
    if name == "hold":
        return {one["agent"]: one["hold"] for one in tables["agent_times"]}
    rows = [one for one in tables["agent_pauses"] if one["pause_reason"] == name]
    return {one["agent"]: one["paused"] for one in rows}


def held_on_the_wire(played: Played) -> float:
    """Seconds between the re-INVITEs with which phones hold and take back."""
    moments = [
        message.at
        for leg in played.legs
        if leg.dialled
        for message in leg.messages
        if (message.method, message.code, message.from_pbx) == ("INVITE", 0, False)
    ]
    return sum(back - hold for hold, back in zip(moments[::2], moments[1::2], strict=True))


def test_our_log_equals_the_queue_log_of_the_pbx_to_the_call(
    asterisk: Asterisk, office: Office
) -> None:
    queue_log = asterisk.folder / "log/asterisk/queue_log"
    before = queue_log.stat().st_size if queue_log.exists() else 0
    earlier, held = figures(office), times(office, "hold")
    played = {name: staged(asterisk, office, name) for name in SCENARIOS}
    new = queue_log.read_bytes()[before:]
    found = figures(office) - earlier
    direct = "attended_transfer_to_queue_answered"
    assert played[direct].entry()["answered_by"] == ["102", "101"]  # queue_log has none of it
    found -= Counter(("board offered", "board answered", "total offered", "total answered"))
    found -= Counter(("702 offered", "702 answered", "within the target"))
    found -= Counter(("Maryam handled", "Eleni handled"))
    assert found == recount(new.decode())
    on_the_wire = held_on_the_wire(played["hold_in_queue_call"])
    assert on_the_wire > 0.5
    ours = times(office, "hold")["Maryam"] - held.get("Maryam", 0.0)
    assert abs(ours - on_the_wire) < 0.3
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
    assert {"RINGNOANSWER", "EXITWITHTIMEOUT", "PAUSE", "BLINDTRANSFER"} <= {
        event[4] for event in events
    }
    logged = [one.entry()["disposition"] for one in played.values()]
    assert logged.count("answered") == len(answered) == len(SCENARIOS) - 1
    assert logged.count("abandoned") == len(entered - answered) == 1


def test_pause_in_all_queues_lasts_as_long_as_in_the_queue_log(
    asterisk: Asterisk, office: Office
) -> None:
    queue_log = asterisk.folder / "log/asterisk/queue_log"
    before = queue_log.stat().st_size if queue_log.exists() else 0
    earlier = times(office, "training").get("Maryam", 0.0)
    with Stage(asterisk) as stage:
        for is_paused in (True, False):
            for interface in INTERFACES:
                reason = {"Reason": "training"} if is_paused else {}
                state = str(is_paused).lower()
                stage.operator.send("QueuePause", Interface=interface, Paused=state, **reason)
            stage.people_talk(3.0)
    lines = [line.split("|") for line in queue_log.read_text()[before:].splitlines()]
    pauses = [float(one[0]) for one in lines if one[4] in {"PAUSE", "PAUSEALL"}]
    resumed = [float(one[0]) for one in lines if one[4] in {"UNPAUSE", "UNPAUSEALL"}]
    assert {one[5] for one in lines if one[4] == "PAUSE"} == {"training"}
    ours = times(office, "training")["Maryam"] - earlier
    assert 2.5 < ours < 6
    # The file has whole seconds; the last queue of a pause and the first of its end count.
    assert abs(ours - (min(resumed) - max(pauses))) < 1.2
