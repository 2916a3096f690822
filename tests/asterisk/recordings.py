"""The recordings of real PBXs, and what is known to be true of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screenpop.asterisk.ami_events import WANTED_EVENTS, AmiEvent, Malformed, decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.simulator.replay_report import replay_changes
from screenpop.telephony.identifiers import Endpoint

SCENARIOS = Path(__file__).parents[1] / "scenarios"
PLAIN = sorted([*(SCENARIOS / "16").glob("*.ami"), *(SCENARIOS / "22").glob("*.ami")])
WITH_TRUTH = sorted(
    path for path in (SCENARIOS / "lab").glob("*/*.ami") if path.with_suffix(".json").exists()
)
PLAIN_PHONES = frozenset(Endpoint(p) for p in ("101", "102", "103"))


# Where the product describes a call otherwise than the events alone, and why.
# - A phone that picks up or takes a parked call has a leg: the log names every talker.
# - Only a caller from outside abandons; an agent's call that is hung up early is unanswered.
# - A mobile that was answered but never confirmed did not answer the call.
# - A phone that listens to a call (`ChanSpy`) is no party of it.
# - A phone that is consulted by feature code and not reached missed no call of the customer: the
#   colleague broke it off, or the PBX's time limit did, which looks the same in AMI.
DESCRIBED_OTHERWISE: dict[str, dict[str, Any]] = {
    "follow_me_not_confirmed": {"legs": {"103": "answered", "trunk": "answered_elsewhere"}},
    "freepbx_outbound_cancelled": {"disposition": "no_answer"},
    "originate_customer_does_not_answer": {"disposition": "no_answer"},
    "killed_while_ringing": {},
    "stopped_while_ringing": {"disposition": "no_answer"},
    "queue_pickup_group": {"legs": {"101": "answered_elsewhere", "102": "answered"}},
    "resync_queue_talking": {"legs": {"102": "answered"}, "did": None},
    "attended_transfer_abandoned": {"legs": {"101": "answered", "102": "cancelled"}},
    "attended_transfer_broken_off": {"legs": {"101": "answered", "102": "cancelled"}},
    "queue_parked_and_taken": {"legs": {"101": "answered", "102": "answered"}},
    "listened_in_by_click": {"legs": {"101": "answered"}},
    "parked_and_taken": {"legs": {"101": "answered", "102": "answered"}},
    "pickup_directed": {"legs": {"101": "answered_elsewhere", "102": "answered"}},
    "pickup_from_a_group": {
        "legs": {"101": "answered_elsewhere", "102": "answered_elsewhere", "103": "answered"}
    },
    # The panel gave the customer to a colleague: 101 missed nothing.
    "taken_out_of_the_queue": {"legs": {"101": "answered_elsewhere", "103": "answered"}},
    "pickup_group": {"legs": {"101": "answered_elsewhere", "102": "answered"}},
}
# A login in the middle of a call: without ``Status`` in the recording the DID is lost.
for _late in ("consultation", "direct_ringing", "direct_talking", "group_ringing"):
    DESCRIBED_OTHERWISE[f"resync_{_late}"] = {"did": None}
DESCRIBED_OTHERWISE["resync_queue_ringing"] = {"did": None}
# Recordings without a single event of the call.
WITHOUT_EVENTS = frozenset({"unknown_extension"})
# Answered for the PBX earlier than for the caller: they confirm or pick up first.
OTHER_TIMES = frozenset(
    {"follow_me_confirmed", "pickup_directed", "pickup_group", "queue_pickup_group"}
    | {"chan_sip_attended_transfer_refer"}
)


def truth_of(path: Path) -> list[dict[str, Any]]:
    """What people lived, in our words."""
    return in_our_words(path.stem, json.loads(path.with_suffix(".json").read_text())["calls"])


def in_our_words(scenario: str, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The truth of a scenario in the form of our log."""
    if scenario in WITHOUT_EVENTS:
        return []
    for call in calls:
        call.update(DESCRIBED_OTHERWISE.get(scenario, {}))
        if isinstance(call["legs"], dict):
            call["legs"] = [{"endpoint": e, "outcome": o} for e, o in call["legs"].items()]
        if scenario == "parked_and_taken_back":
            call["legs"] *= 2
    return calls


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def phones_of(path: Path) -> frozenset[Endpoint]:
    truth = path.with_suffix(".json")
    if not truth.exists():
        return PLAIN_PHONES
    return frozenset(Endpoint(p) for p in json.loads(truth.read_text())["phones"])


def rows_of(path: Path) -> list[dict[str, Any]]:
    records = replay_changes([path.read_bytes()], phones_of(path))
    return [record for record in records if record["kind"] == "row"]


@dataclass(frozen=True)
class Row:
    """The part of a row that truth speaks of; the order of legs carries no meaning."""

    direction: str
    caller: str | None
    did: str | None
    queue: str | None
    disposition: str
    answered_by: tuple[str, ...]
    transfers: tuple[tuple[str, str, str], ...]
    legs: tuple[tuple[str, str], ...]


def row(record: dict[str, Any]) -> Row:
    return Row(
        record["direction"],
        record["caller"] or None,
        record["did"] or None,
        record["queue"] or None,
        record["disposition"],
        tuple(record["answered_by"]),
        tuple((t["from"], t["to"], t["kind"]) for t in record["transfers"]),
        tuple(sorted((leg["endpoint"], leg["outcome"]) for leg in record["legs"])),
    )


def by_caller(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: (r.caller or "", r.did or "", r.disposition))


def events_of(path: Path) -> list[AmiEvent]:
    events: list[AmiEvent] = []
    for message in AmiFramer(WANTED_EVENTS).feed(path.read_bytes()):
        event = decode(message)
        assert not isinstance(event, Malformed)
        if event is not None:
            events.append(event)
    return events
