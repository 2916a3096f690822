"""A call written by hand: changes as a tracker would give them, with as little ink as possible."""

from dataclasses import dataclass, field, replace

from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerChanged,
    CallerInfo,
    CallHeld,
    CallListenerJoined,
    CallListenerLeft,
    CallQueued,
    CallResumed,
    CallTransferred,
    Direction,
    Disposition,
    EndReason,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegStopped,
    StopReason,
    TransferKind,
)
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId

OFFICE = PbxId("office")
TRUNK = Endpoint("trunk")
DID = "02191000101"
FIRST_CALL = CallId("1795315010.0")
FIRST_BOOT = BootId("boot 1")


@dataclass
class Story:
    """One call. Each method gives the change that a tracker would; ``at`` goes on by a second."""

    call: CallId = FIRST_CALL
    pbx: PbxId = OFFICE
    boot: BootId = FIRST_BOOT
    at: float = 1_795_315_010.0
    caller: CallerInfo = field(default_factory=lambda: CallerInfo("+989123456789", "Laleh"))

    def _head(self) -> dict[str, object]:
        self.at += 1.0
        return {"pbx": self.pbx, "boot": self.boot, "call": self.call, "at": self.at}

    def arrives(self, *, estimated: bool = False) -> CallArrived:
        return CallArrived(
            **self._head(),  # type: ignore[arg-type]
            direction=Direction.INBOUND,
            caller=self.caller,
            did=DID,
            endpoint=TRUNK,
            estimated=estimated,
        )

    def dials_out(self, phone: str, called: str) -> CallArrived:
        return CallArrived(
            **self._head(),  # type: ignore[arg-type]
            direction=Direction.OUTBOUND,
            caller=CallerInfo(phone),
            called=called,
            endpoint=Endpoint(phone),
        )

    def calls_colleague(self, phone: str, called: str) -> CallArrived:
        return CallArrived(
            **self._head(),  # type: ignore[arg-type]
            direction=Direction.INTERNAL,
            caller=CallerInfo(phone),
            called=called,
            endpoint=Endpoint(phone),
        )

    def is_called(self, number: str, name: str = "") -> CallerChanged:
        return CallerChanged(**self._head(), caller=CallerInfo(number, name))  # type: ignore[arg-type]

    def queues(self, queue: str = "support", position: int = 1) -> CallQueued:
        return CallQueued(**self._head(), queue=queue, position=position)  # type: ignore[arg-type]

    def rings(self, phone: str, *, queue: str = "", leg: str = "") -> LegRinging:
        return LegRinging(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(leg or f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
            queue=queue,
            caller=self.caller,
            did=DID,
        )

    def answers(self, phone: str, *, leg: str = "") -> LegAnswered:
        return LegAnswered(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(leg or f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
        )

    def stops(self, phone: str, reason: StopReason, by: str = "", *, leg: str = "") -> LegStopped:
        return LegStopped(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(leg or f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
            reason=reason,
            by=Endpoint(by) if by else None,
        )

    def forwards(self, phone: str, target: str) -> LegStopped:
        return replace(self.stops(phone, StopReason.FORWARDED), target=target)

    def hangs_up(self, phone: str, *, leg: str = "") -> LegEnded:
        return LegEnded(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(leg or f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
        )

    def is_listened_to_from(self, phone: str) -> CallListenerJoined:
        return CallListenerJoined(
            **self._head(),  # type: ignore[arg-type]
            listener=LegId(f"spy/{phone}"),
            endpoint=Endpoint(phone),
        )

    def is_listened_to_no_longer_from(self, phone: str) -> CallListenerLeft:
        return CallListenerLeft(
            **self._head(),  # type: ignore[arg-type]
            listener=LegId(f"spy/{phone}"),
            endpoint=Endpoint(phone),
        )

    def holds(self, phone: str) -> CallHeld:
        return CallHeld(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
        )

    def resumes(self, phone: str) -> CallResumed:
        return CallResumed(
            **self._head(),  # type: ignore[arg-type]
            leg=LegId(f"{self.call}/{phone}"),
            endpoint=Endpoint(phone),
        )

    def passes_on(
        self, phone: str, target: str, kind: TransferKind = TransferKind.BLIND
    ) -> CallTransferred:
        return CallTransferred(
            **self._head(),  # type: ignore[arg-type]
            transfer=kind,
            origin=Endpoint(phone),
            target=target,
            talked_s=42.0,
        )

    def ends(
        self,
        disposition: Disposition | None = Disposition.ANSWERED,
        reason: EndReason = EndReason.HUNG_UP,
    ) -> CallEnded:
        return CallEnded(**self._head(), reason=reason, disposition=disposition)  # type: ignore[arg-type]
