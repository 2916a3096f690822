"""The results of one run, and their JSON. What was not measured is None or empty."""

from dataclasses import asdict, dataclass, field

import orjson

from benchmarks.bench import Measured
from benchmarks.capacity import Capacity
from benchmarks.conditions import BesideImport, ProfileResult, Sockets
from benchmarks.importing import ImportSpeed
from benchmarks.ingestion import Ingestion
from benchmarks.keep_alive import KeepAlive
from benchmarks.ladder import Ladder
from benchmarks.lookups import Lookups
from benchmarks.ratios import Spread
from benchmarks.run_plan import RunPlan
from benchmarks.searches import Searches


@dataclass(slots=True)
class Results:
    plan: RunPlan
    commit: str
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    ladder: Ladder | None = None
    burst: Measured | None = None
    ingestion: Ingestion | None = None
    capacity: Capacity | None = None
    keep_alive: KeepAlive | None = None
    sockets: Sockets | None = None
    sizes: Spread | None = None
    bytes_after_cards: float | None = None
    stalled_browser: tuple[Measured, bool] | None = None
    beside_import: BesideImport | None = None
    importing: ImportSpeed | None = None
    searches: dict[str, Searches] = field(default_factory=dict)
    """By number of customers and database."""
    cold: tuple[Measured, int] | None = None
    profile: ProfileResult | None = None
    steady: ProfileResult | None = None
    lookups: dict[int, Lookups] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    took_s: float = 0.0

    def as_json(self) -> bytes:
        options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        return orjson.dumps(asdict(self), option=options)
