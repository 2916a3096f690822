"""Match of a caller to customers: none, one or several, how sure, and why."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from screenpop.common.search_normalization import fold
from screenpop.customers.models import (
    CallerRecord,
    CustomerFile,
    CustomerId,
    PastCall,
    TripStatus,
)
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.phone_numbers import format_for_people


class Sureness(StrEnum):
    CERTAIN = "certain"
    """Exactly one customer has this number."""
    SHARED = "shared"
    """Several customers have this number."""
    MAYBE = "maybe"
    """Only the last nine digits are equal, for one or more customers."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MatchReason:
    """A code with parameters; the texts are in the message catalogues."""

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """The result of a match; ``files`` are the possible customers, likeliest first.

    Exactly one when certain, none when no customer matches.
    ``why``: ``number_on_file{label, since}`` (``since`` an ISO date, or empty),
    ``shared_number{count, household, last?}`` (``last``: the id of the customer chosen last time),
    ``chosen{name}`` (by this agent), ``last_nine_digits{stored}``, ``withheld``, ``no_number``,
    ``not_on_file``.
    """

    sure: Sureness
    why: MatchReason
    files: tuple[CustomerFile, ...] = ()
    ranks: tuple[MatchReason, ...] = ()
    """The reason for the rank of each of several ``files``.

    ``last_call{at}``, ``open_trip{destination}``, ``chosen_before``, ``customer_since{since}``,
    ``no_history``.
    """
    household: str = ""
    """The household or company, when all possible customers belong to the same one."""
    calls: tuple[PastCall, ...] = ()
    """Past calls of the number itself, when no customer is certain."""

    @property
    def customer(self) -> CustomerFile | None:
        """The certain customer, else None."""
        return self.files[0] if self.sure is Sureness.CERTAIN else None


def match_caller(caller: CallerId, record: CallerRecord) -> CustomerMatch:
    """Match a caller id against the records of its number.

    Several customers stay several: nothing here picks one. A record of another number is ignored,
    and a withheld number matches no customer, whatever the record has.
    """
    if caller.kind is CallerIdKind.WITHHELD:
        return CustomerMatch(Sureness.NONE, MatchReason("withheld"))
    if caller.kind is CallerIdKind.UNKNOWN:
        return CustomerMatch(Sureness.NONE, MatchReason("no_number"))
    if record.e164 != caller.e164:
        return CustomerMatch(Sureness.NONE, MatchReason("not_on_file"))
    exact = _each_once(record.exact) if caller.e164 is not None else ()
    match len(exact), record.maybe:
        case 1, _:
            return CustomerMatch(Sureness.CERTAIN, _on_file(exact[0]), exact)
        case 0, ():
            return CustomerMatch(Sureness.NONE, MatchReason("not_on_file"), calls=record.calls)
        case 0, maybe:
            return _several(Sureness.MAYBE, _each_once(maybe), record)
        case _:
            return _several(Sureness.SHARED, exact, record)


def apply_choice(match: CustomerMatch, choice: tuple[CustomerId, str] | None) -> CustomerMatch:
    """Return the match after an agent chose one; ``choice``: customer and agent's name."""
    if choice is None or match.sure is Sureness.CERTAIN:
        return match
    chosen = tuple(file for file in match.files if file.customer.id == choice[0])
    if not chosen:
        return match
    return CustomerMatch(Sureness.CERTAIN, MatchReason("chosen", {"name": choice[1]}), chosen)


def _several(
    sure: Sureness, files: tuple[CustomerFile, ...], record: CallerRecord
) -> CustomerMatch:
    last = record.chosen
    ranked = tuple(sorted(files, key=lambda file: (file.customer.id != last, *_place(file))))
    household = _common_group(ranked)
    if sure is Sureness.SHARED:
        why = MatchReason("shared_number", {"count": len(ranked), "household": household})
        if last is not None and ranked[0].customer.id == last:
            why.params["last"] = last
    else:
        why = MatchReason("last_nine_digits", {"stored": _stored(ranked[0])})
    ranks = tuple(
        MatchReason("chosen_before") if file.customer.id == last else _rank(file) for file in ranked
    )
    return CustomerMatch(sure, why, ranked, ranks, household, record.calls)


def _common_group(files: tuple[CustomerFile, ...]) -> str:
    """Return the household that all belong to, else the company; never the name of one of them."""
    of_each = [(file.customer.household, file.customer.company) for file in files]
    common = set(of_each[0]).intersection(*of_each[1:]) - {""}
    if len(files) > 1:
        common = {name for name in common if fold(name) not in _folded_names(files)}
    return next((name for name in of_each[0] if name in common), "")


def _folded_names(files: tuple[CustomerFile, ...]) -> set[str]:
    names = [name for file in files for name in file.customer.names.values()]
    return {
        fold(" ".join(filter(None, parts)))
        for name in names
        for parts in ((name.given, name.family), (name.family, name.given))
    }


def _each_once(files: tuple[CustomerFile, ...]) -> tuple[CustomerFile, ...]:
    """Return each customer once; a customer may have one number twice, as mobile and as work."""
    kept: dict[CustomerId, CustomerFile] = {}
    for file in files:
        kept.setdefault(file.customer.id, file)
    return tuple(kept.values())


def _on_file(file: CustomerFile) -> MatchReason:
    since = file.phone.since
    return MatchReason(
        "number_on_file",
        {"label": file.phone.label, "since": since.isoformat() if since else ""},
    )


def _stored(file: CustomerFile) -> str:
    e164 = file.phone.e164
    return format_for_people(e164) if e164 is not None else file.phone.raw


# The order among several: last call, open trip, earlier choice, longest customer.


def _place(file: CustomerFile) -> tuple[float, bool, date, int]:
    called = _last_call(file)
    return (
        -called.timestamp() if called else float("inf"),
        _open_trip(file) is None,
        file.customer.customer_since or date.max,
        file.customer.id,
    )


def _rank(file: CustomerFile) -> MatchReason:
    called, destination = _last_call(file), _open_trip(file)
    since = file.customer.customer_since
    if called is not None:
        return MatchReason("last_call", {"at": called.isoformat(timespec="seconds")})
    if destination is not None:
        return MatchReason("open_trip", {"destination": destination})
    if since is not None:
        return MatchReason("customer_since", {"since": since.isoformat()})
    return MatchReason("no_history")


_OPEN = frozenset(TripStatus) - {TripStatus.TRAVELLED, TripStatus.CANCELLED}


def _open_trip(file: CustomerFile) -> str | None:
    return next((trip.destination for trip in file.trips if trip.status in _OPEN), None)


def _last_call(file: CustomerFile) -> datetime | None:
    return max((_in_utc(call.at) for call in file.calls), default=None)


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
