"""The trunk lines: the number plan of each trunk, the name of each line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from screenpop.telephony.identifiers import Endpoint, PbxId
from screenpop.telephony.number_plan import NumberPlan


@dataclass(frozen=True, slots=True)
class TrunkLines:
    """``plans`` by PBX and trunk; ``plan`` for every other trunk. ``labels`` by PBX and DID."""

    plan: NumberPlan
    plans: Mapping[tuple[PbxId, Endpoint], NumberPlan] = field(default_factory=dict)
    labels: Mapping[tuple[PbxId, str], str] = field(default_factory=dict)

    def plan_of(self, pbx: PbxId, trunk: Endpoint) -> NumberPlan:
        return self.plans.get((pbx, trunk), self.plan)

    def label_of(self, pbx: PbxId, did: str) -> str:
        """The line's name from the settings, or empty."""
        return self.labels.get((pbx, did), "")
