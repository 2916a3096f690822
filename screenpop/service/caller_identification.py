"""Identifies the caller: number, records and suggestions.

The number is read by the trunk's plan. The lookup itself is done outside; its answer comes back as
a value.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from screenpop.calls.call_state import CallKey, CallState
from screenpop.calls.events import Direction
from screenpop.customers.match import apply_choice, match_caller
from screenpop.customers.models import CallerRecord, CustomerFile, CustomerId
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Suggestions
from screenpop.service.call_session import CallSession, LookupProgress
from screenpop.service.config import ServiceConfig
from screenpop.service.lookup_queue import LookupQueue, LookupRequest, NumberKey
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.phone_numbers import resolve

PATIENCE_S = 0.05
"""Seconds for which a card waits for the records before it is published without them."""


class CallerIdentification:
    """The running lookups, and the calls that wait for each. Times are seconds since 1970.

    ``is_done``: whether a call is over and has no card, so that it needs no answer.
    """

    def __init__(self, is_done: Callable[[CallSession], bool]) -> None:
        self._is_done = is_done
        self._lookups = LookupQueue()
        self._awaiting: dict[NumberKey, list[CallSession]] = {}

    def lookups_to_start(self) -> Iterator[LookupRequest]:
        while (look_up := self._lookups.start()) is not None:
            yield look_up

    def next_limit(self) -> float | None:
        """Return when the next lookup reaches its time limit."""
        return self._lookups.next_limit()

    def opened(self, call: CallState, setting: ServiceConfig, now: float) -> CallSession:
        """Return the session of a new call and start the lookup of its caller."""
        file = CallSession(call, _read(call, setting))
        self._look_for(file, setting, now)
        return file

    def changed(self, file: CallSession, setting: ServiceConfig, now: float) -> None:
        """Update the caller after the PBX sent another name or number; a new number is looked
        up."""
        caller = _read(file.call, setting)
        if caller != file.caller:
            file.caller = caller
            self._look_for(file, setting, now)

    def moved(self, file: CallSession, setting: ServiceConfig, now: float) -> None:
        """Suggest again for a call at another line, queue or branch, where offers depend on it.

        An offer that was answered on the call stays on its cards.
        """
        known = file.records is LookupProgress.HERE and not file.offer_answers
        if known and setting.offers.compiled.has_places:
            if file.cards:
                file.earlier_suggestions.append(file.suggestions)
            _suggest(file, file.match.customer, setting, setting.today(now))

    def rang_at(self, file: CallSession, branch: int | None, setting: ServiceConfig) -> None:
        """Suggest again for a call that rings at an agent of another branch."""
        if branch is not None and branch not in file.branches:
            file.branches |= {branch}
            self.moved(file, setting, file.call.arrived_at)

    def answered(
        self, key: NumberKey, record: CallerRecord | None, setting: ServiceConfig, now: float
    ) -> list[CallSession]:
        """Apply a lookup's answer, None for a failure; return the sessions that changed."""
        if not self._lookups.answered(key):
            return []
        return self._learnt(key, record, setting, now)

    def expired(self, setting: ServiceConfig, now: float) -> list[CallSession]:
        """Return the sessions whose lookup reached its time limit."""
        late = self._lookups.expired(now)
        return [file for key in late for file in self._learnt(key, None, setting, now)]

    def awaiting(self, number: NumberKey) -> tuple[CallKey, ...]:
        """Return the calls that wait for the lookup of a number."""
        return tuple(file.call.key for file in self._awaiting.get(number, ()))

    def look_again(self, number: NumberKey, files: Iterable[CallSession], now: float) -> None:
        for file in files:
            if file.number == number:
                self._lookups.ask(file.caller, now)
                self._awaiting.setdefault(number, []).append(file)

    def _look_for(self, file: CallSession, setting: ServiceConfig, now: float) -> None:
        hidden = file.caller.kind is CallerIdKind.WITHHELD
        if hidden:
            file.trace.hide_number()
        file.trace.add(
            now,
            "caller",
            raw="" if hidden else file.caller.raw[:80],
            kind=file.caller.kind.value,
            how=file.caller.how,
            e164=file.caller.e164 or "",
        )
        file.number = self._lookups.ask(file.caller, now)
        file.patient_until = now + PATIENCE_S
        if file.number is None:
            _match(file, CallerRecord(None), setting, now)
        else:
            file.records = LookupProgress.PENDING
            self._awaiting.setdefault(file.number, []).append(file)

    def _learnt(
        self, key: NumberKey, record: CallerRecord | None, setting: ServiceConfig, now: float
    ) -> list[CallSession]:
        # The caller may have changed meanwhile and wait for another answer.
        waited = [file for file in self._awaiting.pop(key, ()) if file.number == key]
        files = [file for file in waited if not self._is_done(file)]
        for file in files:
            if record is None:
                file.records = LookupProgress.UNREACHABLE
                file.trace.add(now, "records_unreachable")
            else:
                _match(file, record, setting, now)
        return files


def _read(call: CallState, setting: ServiceConfig) -> CallerId:
    party = call.far_side()
    plan = setting.lines.plan_of(call.pbx, call.endpoint)
    return resolve(party.number, plan=plan, withheld=party.withheld)


def _match(file: CallSession, record: CallerRecord, setting: ServiceConfig, now: float) -> None:
    file.records = LookupProgress.HERE
    if setting.dials and file.chosen is None and file.call.direction is Direction.OUTBOUND:
        file.chosen = _announced(file, setting, now)
    file.match = apply_choice(match_caller(file.caller, record), file.chosen)
    certain, today = file.match.customer, setting.today(now)
    file.earlier_suggestions.clear()
    _suggest(file, certain, setting, today)
    file.trace.add(
        now,
        "matched",
        sure=file.match.sure.value,
        why=file.match.why.code,
        customers=len(file.match.files),
        offers=len(file.suggestions.items),
    )


def _suggest(
    file: CallSession, certain: CustomerFile | None, setting: ServiceConfig, today: date
) -> None:
    if certain is None:
        file.suggestions = Suggestions()
    else:
        office = setting.offers.for_call(file.call, file.branches, setting.today)
        file.suggestions = suggest(certain, today, office)


def _announced(
    file: CallSession, setting: ServiceConfig, now: float
) -> tuple[CustomerId, str] | None:
    """Return the customer from whose row or page an agent made this call, and the agent's name."""
    for agent, card in file.cards.items():
        customer = setting.dials.take(agent, file.caller.e164, now)
        if customer is not None:
            return customer, card.agent.display_name
    return None
