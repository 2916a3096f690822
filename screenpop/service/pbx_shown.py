"""How the line to one PBX stands, for everybody's page: the JSON of the ``pbx`` message."""

from collections.abc import Mapping
from dataclasses import dataclass

from screenpop.telephony.identifiers import PbxId


@dataclass(frozen=True, slots=True)
class PbxProblem:
    """A code with parameters; the words live in the catalogues (``pbx.<code>``)."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PbxShown:
    id: PbxId
    state: str
    """``down``, ``connecting``, ``login``, ``buffering``, ``resync`` or ``live``."""
    since: float
    """Since when it is live, or is not; seconds since 1970."""
    problem: PbxProblem | None = None
