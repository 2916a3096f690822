"""What the states of agents depend on besides their calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import Availability


@dataclass(frozen=True, slots=True)
class AvailabilityConfig:
    wrap_up_s: float = 30.0
    """Seconds of wrap-up after a call of a queue that is not in ``queue_wrap_up_s``, or of none."""
    queue_wrap_up_s: Mapping[str, float] = field(default_factory=dict)
    pages: Callable[[UserId], int] = lambda _user: 1
    """Returns how many pages a user has open."""
    restored: Mapping[AgentId, Availability] = field(default_factory=dict)
    """States with a pause or a wrap-up, kept by an earlier run."""

    def wrap_up_after(self, queue: str) -> float:
        return self.queue_wrap_up_s.get(queue, self.wrap_up_s)
