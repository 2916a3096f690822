"""The recordings of real PBXs, and what is known to be true of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screenpop.asterisk.events import WANTED, AmiEvent, Malformed, decode
from screenpop.asterisk.framing import AmiFramer
from screenpop.simulator.changes import replay_changes
from screenpop.telephony.identifiers import Endpoint

SCENARIOS = Path(__file__).parents[1] / "scenarios"
PLAIN = sorted([*(SCENARIOS / "16").glob("*.ami"), *(SCENARIOS / "22").glob("*.ami")])
WITH_TRUTH = sorted(
    p for p in (SCENARIOS / "lab").glob("*/*.ami") if p.with_suffix(".json").exists()
)
PLAIN_PHONES = frozenset(Endpoint(p) for p in ("101", "102", "103"))


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
    for message in AmiFramer(WANTED).feed(path.read_bytes()):
        event = decode(message)
        assert not isinstance(event, Malformed)
        if event is not None:
            events.append(event)
    return events
