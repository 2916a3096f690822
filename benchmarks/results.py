"""Everything one run found, and its JSON. What was not measured is None or empty."""

from dataclasses import asdict, dataclass, field

import orjson

from benchmarks.bench import Measured
from benchmarks.capacity import Capacity
from benchmarks.conditions import BesideImport, Sockets, Watched
from benchmarks.form import Form
from benchmarks.importing import ImportSpeed
from benchmarks.ingestion import Ingestion
from benchmarks.kept import Kept
from benchmarks.ladder import Ladder
from benchmarks.lookups import Lookups
from benchmarks.ratios import Spread
from benchmarks.searches import Searches


@dataclass(slots=True)
class Results:
    form: Form
    commit: str
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    ladder: Ladder | None = None
    burst: Measured | None = None
    ingestion: Ingestion | None = None
    capacity: Capacity | None = None
    kept: Kept | None = None
    sockets: Sockets | None = None
    sizes: Spread | None = None
    bytes_after_cards: float | None = None
    asleep: tuple[Measured, bool] | None = None
    beside_import: BesideImport | None = None
    importing: ImportSpeed | None = None
    searches: dict[str, Searches] = field(default_factory=dict)
    """By how many customers there are, and where."""
    cold: tuple[Measured, int] | None = None
    watched: Watched | None = None
    steady: Watched | None = None
    lookups: dict[int, Lookups] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    took_s: float = 0.0

    def as_json(self) -> bytes:
        options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        return orjson.dumps(asdict(self), option=options)
