"""An agent: a user who has phones."""

from dataclasses import dataclass
from typing import NewType

from screenpop.telephony.identifiers import Endpoint

AgentId = NewType("AgentId", int)
"""The same number as the user's: an agent is a user with endpoints."""


@dataclass(frozen=True, slots=True)
class Agent:
    id: AgentId
    username: str
    display_name: str
    department: str
    """``sales``, ``accounting``, ``finance``, ``support``: which view of the customer's file."""
    language: str
    """The language of the agent's pages: ``en``, ``fa``, ``el``."""
    endpoints: tuple[Endpoint, ...]
    branch: int | None = None
    """The id of the branch of the office where the agent works."""
