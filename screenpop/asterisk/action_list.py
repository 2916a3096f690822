"""The answer to a list action: a reply, the events, and a closing event with their number.

Every list action of Asterisk 12 and later answers so: ``Response: Success`` with ``EventList:
start``, events with the same ActionID, and one with ``EventList: Complete`` (or ``Cancelled``) and
``ListItems``. A list counts only when all of that has arrived.
"""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.asterisk.ami_message import AmiMessage

MAX_LIST_ITEMS = 200_000
"""Events of one list; more than any PBX has, so that a mad peer cannot fill the memory."""

_CLOSING = frozenset({"complete", "cancelled"})


class ListFailure(StrEnum):
    REFUSED = "refused"
    """The PBX answered with an error: no permission, or no such action."""
    CANCELLED = "cancelled"
    """The PBX gave up in the middle."""
    INCOMPLETE = "incomplete"
    """Another number of events arrived than the PBX says it sent."""
    NOT_A_LIST = "not_a_list"
    """The PBX says that it has done it, without any list."""


@dataclass(frozen=True, slots=True)
class CompleteList:
    """Everything the PBX said, in its order; neither the reply nor the closing event."""

    items: tuple[AmiMessage, ...]


@dataclass(frozen=True, slots=True)
class ListProblem:
    failure: ListFailure
    said: str = ""
    """The PBX's own words, for the log: hostile until checked."""
    expected: int | None = None
    arrived: int = 0


ListOutcome = CompleteList | ListProblem


class ActionListCollector:
    """Collects what carries one ActionID. ``outcome`` is None until all has been said."""

    def __init__(self, action_id: str) -> None:
        self.action_id = action_id
        self.outcome: ListOutcome | None = None
        self.over = False
        """The PBX has said all it will say, whether anybody still listens or not."""
        self._started = False
        self._items: list[AmiMessage] = []

    @property
    def begun(self) -> bool:
        """The PBX has started to answer."""
        return self._started or self.outcome is not None

    def take(self, message: AmiMessage) -> bool:
        """Whether the message belongs to this list; if so it is kept here."""
        if message.action_id != self.action_id:
            return False
        listed = message.get("EventList").lower()
        self.over = listed in _CLOSING if message.event else listed != "start"
        if self.outcome is None:
            self.outcome = self._step(message)
        return True

    def give_up(self) -> ListOutcome:
        """The outcome, which is a problem if none has come. What still comes is forgotten."""
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
        said = message.get("ListItems")
        expected = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
        if expected != len(self._items) or not self._started:
            return self._problem(ListFailure.INCOMPLETE, message, expected)
        return CompleteList(tuple(self._items))

    def _problem(
        self, failure: ListFailure, message: AmiMessage, expected: int | None = None
    ) -> ListProblem:
        arrived = len(self._items)
        self._items = []
        return ListProblem(failure, message.get("Message"), expected, arrived)
