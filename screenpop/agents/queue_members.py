"""The members of the queues of all PBXs, and whether they are paused there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from screenpop.agents.queue_interfaces import endpoint_of_interface
from screenpop.agents.roster import PhoneKey, Roster
from screenpop.telephony.identifiers import Endpoint, PbxId


@dataclass(frozen=True, slots=True)
class QueueMember:
    """A member as a queue lists it."""

    queue: str
    interface: str
    endpoint: Endpoint | None
    """The phone behind the interface; None if it has none."""
    is_paused: bool = False
    reason: str = ""
    """The reason of the pause in the PBX's words; empty if not paused."""


def queue_member(
    queue: str, interface: str, state_interface: str, is_paused: bool, reason: str
) -> QueueMember:
    """Return a member from the values of AMI's ``QueueMember…`` events."""
    endpoint = endpoint_of_interface(state_interface) or endpoint_of_interface(interface)
    return QueueMember(queue, interface, endpoint, is_paused, reason if is_paused else "")


MemberKey = tuple[str, str]
"""Queue and interface."""


@dataclass(slots=True)
class QueueMembers:
    """The present members of all PBXs, found by phone."""

    _by_phone: dict[PhoneKey, dict[MemberKey, QueueMember]] = field(default_factory=dict)
    _listed: set[PbxId] = field(default_factory=set)

    def replace(self, pbx: PbxId, members: Iterable[QueueMember]) -> None:
        """Replace all members of a PBX by those that it lists."""
        self._by_phone = {key: known for key, known in self._by_phone.items() if key[0] != pbx}
        self._listed.add(pbx)
        for member in members:
            self.put(pbx, member)

    def put(self, pbx: PbxId, member: QueueMember) -> QueueMember | None:
        """Add or change a member; return what it was before, None if it is new."""
        if member.endpoint is None:
            return None
        known = self._by_phone.setdefault((pbx, member.endpoint), {})
        before = known.get((member.queue, member.interface))
        known[member.queue, member.interface] = member
        return before

    def remove(self, pbx: PbxId, member: QueueMember) -> None:
        if member.endpoint is not None:
            known = self._by_phone.get((pbx, member.endpoint), {})
            known.pop((member.queue, member.interface), None)

    def of(self, phones: Iterable[PhoneKey]) -> tuple[tuple[PbxId, QueueMember], ...]:
        """Return the memberships of these phones, each with its PBX."""
        return tuple(
            (phone[0], member)
            for phone in phones
            for member in self._by_phone.get(phone, {}).values()
        )

    def count_unassigned(self, roster: Roster) -> Mapping[str, int]:
        """Return by queue how many members take calls and are no agent's phone."""
        return Counter(
            member.queue
            for (pbx, endpoint), known in self._by_phone.items()
            if roster.agent_at(pbx, endpoint) is None
            for member in known.values()
            if not member.is_paused
        )

    def is_listed(self, pbx: PbxId) -> bool:
        """Return whether the PBX has listed its members."""
        return pbx in self._listed


def pause_of_all(members: Iterable[QueueMember]) -> str | None:
    """Return the reason if every membership is paused; None if one is not, or there is none."""
    listed = tuple(members)
    if not listed or not all(member.is_paused for member in listed):
        return None
    return next((member.reason for member in listed if member.reason), "")
