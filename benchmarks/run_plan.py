"""How much is measured: the full run for published figures, the short run for each change."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.ladder import Steps
from benchmarks.pbx import LONG_LIFE, SHORT_LIFE


@dataclass(frozen=True, slots=True)
class RunPlan:
    customers: int
    """In the database of all parts but the comparison of sizes."""
    few_customers: int | None
    """In the smaller database of the comparison of sizes; None leaves it out."""
    agents: int
    many_agents: int | None
    steps: Steps
    readings: int
    """Repetitions of reading AMI."""
    repetitions: int
    """Of both ladders."""
    spare: int
    """How many noisy repetitions are repeated."""
    floods: Mapping[str, int]
    """Events for each reader of AMI."""
    burst: int
    parts: tuple[str, ...]
    """What is measured without ``--only``, by the names in ``parts.PARTS``."""


FULL = RunPlan(
    customers=1_000_000,
    few_customers=10_000,
    agents=100,
    many_agents=1_000,
    steps=Steps(
        product={50: 1_700, 200: 1_700},
        floor={50: 300, 200: 800},
        answering={200: 800},
        conventional=24,
        life=LONG_LIFE,
    ),
    readings=3,
    repetitions=3,
    spare=1,
    floods={"messages": 300_000, "changes": 100_000, "panoramisk": 100_000, "pyst2": 3_000},
    burst=2_000,
    parts=(
        "reading",
        "ladder",
        "burst",
        "stages",
        "pages",
        "capacity",
        "browsers",
        "customers",
        "postgres",
        "cold",
        "importing",
    ),
)
SHORT = RunPlan(
    customers=10_000,
    few_customers=None,
    agents=100,
    many_agents=None,
    steps=Steps(
        product={50: 150, 200: 400},
        floor={50: 120, 200: 300},
        answering={},
        conventional=0,
        life=SHORT_LIFE,
    ),
    readings=2,
    repetitions=1,
    spare=2,
    floods={"messages": 100_000, "panoramisk": 30_000},
    burst=600,
    parts=("reading", "ladder", "burst", "pages"),
)
