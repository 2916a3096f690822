"""Who is calling: the number as the trunk's region reads it, whom the records know by it, and what
to suggest. The asking itself is done outside; its answer comes back as a value."""

from collections.abc import Callable, Iterable, Iterator

from screenpop.customers.match import as_chosen, match_caller
from screenpop.customers.records import CallerRecord
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Suggestions
from screenpop.service.call_file import CallFile, Records
from screenpop.service.live_call import LiveCall
from screenpop.service.lookups import LookUp, Lookups, NumberKey
from screenpop.service.setting import Setting
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.numbers import resolve

PATIENCE_S = 0.05
"""So long a card waits for the records before it goes out without them."""


class Callers:
    """The lookups under way, and the calls that wait for each. Times are seconds since 1970.

    ``is_done``: whether a call is over and shows nothing, so that it needs no answer.
    """

    def __init__(self, is_done: Callable[[CallFile], bool]) -> None:
        self._is_done = is_done
        self._lookups = Lookups()
        self._awaiting: dict[NumberKey, list[CallFile]] = {}

    def lookups_to_start(self) -> Iterator[LookUp]:
        while (look_up := self._lookups.start()) is not None:
            yield look_up

    def next_limit(self) -> float | None:
        """When the next lookup will have taken too long."""
        return self._lookups.next_limit()

    def opened(self, call: LiveCall, setting: Setting, now: float) -> CallFile:
        """The file of a new call; its caller is being looked for."""
        file = CallFile(call, _read(call, setting))
        self._look_for(file, setting, now)
        return file

    def changed(self, file: CallFile, setting: Setting, now: float) -> None:
        """The PBX shows another far side: only the name, or the number too; then another record
        is wanted."""
        caller = _read(file.call, setting)
        if caller != file.caller:
            file.caller = caller
            self._look_for(file, setting, now)

    def answered(
        self, key: NumberKey, record: CallerRecord | None, setting: Setting, now: float
    ) -> list[CallFile]:
        """The records answered; None when they could not be reached. The calls that know more."""
        if not self._lookups.answered(key):
            return []
        return self._learnt(key, record, setting, now)

    def expired(self, setting: Setting, now: float) -> list[CallFile]:
        """The calls whose lookup took too long."""
        late = self._lookups.expired(now)
        return [file for key in late for file in self._learnt(key, None, setting, now)]

    def look_again(self, number: NumberKey, files: Iterable[CallFile], now: float) -> None:
        for file in files:
            if file.number == number:
                self._lookups.ask(file.caller, now)
                self._awaiting.setdefault(number, []).append(file)

    def _look_for(self, file: CallFile, setting: Setting, now: float) -> None:
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
            file.records = Records.PENDING
            self._awaiting.setdefault(file.number, []).append(file)

    def _learnt(
        self, key: NumberKey, record: CallerRecord | None, setting: Setting, now: float
    ) -> list[CallFile]:
        # The caller may be another by now, who awaits another answer.
        waited = [file for file in self._awaiting.pop(key, ()) if file.number == key]
        files = [file for file in waited if not self._is_done(file)]
        for file in files:
            if record is None:
                file.records = Records.UNREACHABLE
                file.trace.add(now, "records_unreachable")
            else:
                _match(file, record, setting, now)
        return files


def _read(call: LiveCall, setting: Setting) -> CallerId:
    shown = call.far_side()
    plan = setting.lines.plan_of(call.pbx, call.endpoint)
    return resolve(shown.number, plan=plan, withheld=shown.withheld)


def _match(file: CallFile, record: CallerRecord, setting: Setting, now: float) -> None:
    file.records = Records.HERE
    file.match = as_chosen(match_caller(file.caller, record), file.chosen)
    certain, today = file.match.customer, setting.today(now)
    file.suggestions = suggest(certain, today) if certain is not None else Suggestions()
    file.trace.add(
        now,
        "matched",
        sure=file.match.sure.value,
        why=file.match.why.code,
        customers=len(file.match.files),
        offers=len(file.suggestions.items),
    )
