"""Requests a snapshot from a PBX: three lists and the start-up time."""

import re
from collections.abc import Callable

from screenpop.ami.error_mapping import action_problem
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, problem
from screenpop.asterisk.action_list import (
    ActionListCollector,
    CompleteList,
    ListFailure,
    ListProblem,
)
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId

Outcome = PbxSnapshot | LinkProblem

CHANNELS, STATUSES, QUEUES = "CoreShowChannels", "Status", "QueueStatus"
ACTIONS = (STATUSES, CHANNELS, QUEUES)
"""Sent in this order in one write. Statuses come first: only their constant fields are used."""

_DATE, _TIME = re.compile(r"(\d{4})-\d\d-\d\d"), re.compile(r"\d\d:\d\d:\d\d")
_EARLIEST_YEAR = 1971


def read_boot(status: AmiMessage) -> BootId | LinkProblem:
    """Return the start-up time of a ``CoreStatus`` reply as boot id, or the problem.

    Until Asterisk has loaded its modules that time is 1970 (or 1969, west of Greenwich).
    """
    date, time = status.get("CoreStartupDate"), status.get("CoreStartupTime")
    day = _DATE.fullmatch(date)
    if day is None or _TIME.fullmatch(time) is None:
        return problem(ProblemCode.INCOMPLETE_LISTS, action="CoreStatus")
    if int(day[1]) < _EARLIEST_YEAR:
        return problem(ProblemCode.NOT_BOOTED)
    return BootId(f"{date}T{time}")


class ResyncRequest:
    """One request for a snapshot. ``done`` is called once, in the order of the stream.

    ``booted``: all modules are loaded, so that an unknown ``QueueStatus`` means no queues.
    """

    def __init__(
        self,
        boot: BootId,
        next_action_id: Callable[[], str],
        *,
        booted: bool,
        audit: bool,
        done: Callable[[Outcome], None],
    ) -> None:
        self.audit = audit
        self.done = done
        self.flush_held = False
        """The audit took too long: events were passed on, and channels hung up since are
        removed."""
        self.hung_up: set[str] = set()
        self.answers = {action: ActionListCollector(next_action_id()) for action in ACTIONS}
        self._boot = boot
        self._booted = booted

    def actions(self) -> list[dict[str, str]]:
        return [
            {"Action": action, "ActionID": answer.action_id}
            for action, answer in self.answers.items()
        ]

    @property
    def begun(self) -> bool:
        """Return whether an event may now be older or newer than the list of channels."""
        return self.answers[CHANNELS].begun

    def outcome(self) -> Outcome | None:
        """Return the snapshot or the problem; None until every list has ended."""
        lists: dict[str, tuple[AmiMessage, ...]] = {}
        trouble: LinkProblem | None = None
        for action, answer in self.answers.items():
            match answer.outcome:
                case None:
                    return None
                case CompleteList(items):
                    lists[action] = items
                case ListProblem() as failed if self._booted and _is_unknown(action, failed):
                    lists[action] = ()
                case ListProblem() as failed:
                    trouble = trouble or _why(action, failed)
        return trouble or PbxSnapshot(
            boot=self._boot,
            channels=tuple(c for c in lists[CHANNELS] if c.get("Uniqueid") not in self.hung_up),
            queues=lists[QUEUES],
            statuses=lists[STATUSES],
            audit=self.audit,
        )

    def unanswered(self) -> LinkProblem:
        """Return the problem for lists that did not end in time."""
        late = [action for action, answer in self.answers.items() if answer.outcome is None]
        return problem(ProblemCode.INCOMPLETE_LISTS, action=", ".join(late))

    def give_up(self) -> None:
        """Drop all later answers."""
        for answer in self.answers.values():
            answer.give_up()


def _is_unknown(action: str, failed: ListProblem) -> bool:
    """Return whether the PBX lacks app_queue, so that it has no queues once all modules are
    loaded."""
    refused = failed.failure is ListFailure.REFUSED
    return action == QUEUES and refused and failed.message.startswith("Invalid/unknown command")


def _why(action: str, failed: ListProblem) -> LinkProblem:
    if _is_unknown(action, failed):
        return problem(ProblemCode.NOT_BOOTED)
    if failed.failure is ListFailure.REFUSED:
        return action_problem(action, failed.message)
    return problem(ProblemCode.INCOMPLETE_LISTS, action=action)
