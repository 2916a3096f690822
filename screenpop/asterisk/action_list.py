"""Collects the answer to an AMI list action: a reply, events, and a closing event with a count.

Every list action of Asterisk 12 and later answers so: ``Response: Success`` with ``EventList:
start``, events with the same ActionID, and one with ``EventList: Complete`` (or ``Cancelled``) and
``ListItems``. A list counts only when all of that has arrived.
"""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.asterisk.ami_message import AmiMessage

MAX_LIST_ITEMS = 200_000
"""Events of one list; more than any PBX sends. Bounds the memory that a broken peer can use."""

UNCOUNTED_LISTS = frozenset({"DBGetTree"})
"""Asterisk 16 ends the list of this action with ``ListItems: 1``, whatever it
sent; recorded from 16.28. Asterisk 22 counts."""

_CLOSING = frozenset({"complete", "cancelled"})


class ListFailure(StrEnum):
    REFUSED = "refused"
    """The PBX answered with an error: no permission, or no such action."""
    CANCELLED = "cancelled"
    """The PBX cancelled the list before its end."""
    INCOMPLETE = "incomplete"
    """The number of events differs from the ``ListItems`` of the PBX."""
    NOT_A_LIST = "not_a_list"
    """The PBX answered ``Success`` without a list."""


@dataclass(frozen=True, slots=True)
class CompleteList:
    """The events of the list in order, without the reply and the closing event."""

    items: tuple[AmiMessage, ...]


@dataclass(frozen=True, slots=True)
class ListProblem:
    failure: ListFailure
    message: str = ""
    """The PBX's message, for the log: untrusted text."""
    expected: int | None = None
    arrived: int = 0


ListOutcome = CompleteList | ListProblem


class ActionListCollector:
    """Collects the messages of one ActionID. ``outcome`` is None until the list has ended.

    ``is_counted``: the PBX's count of the items is compared with those that came.
    """

    def __init__(self, action_id: str, *, is_counted: bool = True) -> None:
        self.action_id = action_id
        self._is_counted = is_counted
        self.outcome: ListOutcome | None = None
        self.over = False
        """The PBX has ended the list, even if ``give_up`` was called before."""
        self._started = False
        self._items: list[AmiMessage] = []

    @property
    def begun(self) -> bool:
        """Return whether the PBX has started to answer."""
        return self._started or self.outcome is not None

    def take(self, message: AmiMessage) -> bool:
        """Keep a message of this list; return whether it belongs to the list."""
        if message.action_id != self.action_id:
            return False
        listed = message.get("EventList").lower()
        self.over = listed in _CLOSING if message.event else listed != "start"
        if self.outcome is None:
            self.outcome = self._step(message)
        return True

    def give_up(self) -> ListOutcome:
        """Return the outcome, a problem if the list has not ended; later messages are dropped."""
        if self.outcome is None:
            self.outcome = ListProblem(ListFailure.INCOMPLETE, "", None, len(self._items))
        self._items = []
        return self.outcome

    def _step(self, message: AmiMessage) -> ListOutcome | None:
        if not message.event:
            return self._reply(message)
        match message.get("EventList").lower():
            case "complete":
                return self._complete(message)
            case "cancelled":
                return self._problem(ListFailure.CANCELLED, message)
            case _:
                self._items.append(message)
                if len(self._items) > MAX_LIST_ITEMS:
                    return self._problem(ListFailure.INCOMPLETE, message)
                return None

    def _reply(self, message: AmiMessage) -> ListOutcome | None:
        if message.response.lower() != "success":
            return self._problem(ListFailure.REFUSED, message)
        if message.get("EventList").lower() != "start":
            return self._problem(ListFailure.NOT_A_LIST, message)
        self._started = True
        return None

    def _complete(self, message: AmiMessage) -> ListOutcome:
        count = message.get("ListItems")
        is_number = count.isascii() and count.isdigit() and len(count) < 10
        expected = int(count) if is_number else None
        is_whole = expected == len(self._items) or not self._is_counted
        if not is_whole or not self._started:
            return self._problem(ListFailure.INCOMPLETE, message, expected)
        return CompleteList(tuple(self._items))

    def _problem(
        self, failure: ListFailure, message: AmiMessage, expected: int | None = None
    ) -> ListProblem:
        arrived = len(self._items)
        self._items = []
        return ListProblem(failure, message.get("Message"), expected, arrived)
