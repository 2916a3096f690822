"""Which calls of the log a list or an export contains."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, text

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.calls.labels import LabelKind
from screenpop.customers.models import CustomerId
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.calls.call_labels import label_conditions
from screenpop.store.calls.missed_condition import no_callback_conditions
from screenpop.store.schema.tables import LATE_CARD, calls, customers
from screenpop.store.search.columns import search_condition
from screenpop.telephony.identifiers import SIMULATED

DISPOSITIONS = (*(one.value for one in Disposition), IN_PROGRESS)
"""All values of ``LoggedCall.disposition``."""


class CallSort(StrEnum):
    """The orders of the call log. The last two list only calls that have the time."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST_WAIT = "longest_wait"
    LONGEST_TALK = "longest_talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """A filter of calls; None or empty means no condition. Times are seconds since 1970."""

    since: float | None = None
    until: float | None = None
    """Exclusive."""
    direction: str = ""
    disposition: str = ""
    queue: str = ""
    line: str = ""
    """The dialled number as the PBX sends it."""
    tier: str = ""
    """Of the customer."""
    late_card: bool = False
    """Only answered inbound calls whose card was not on the screen before the answer."""
    no_callback: bool = False
    """Only missed inbound calls whose caller was not talked to since, and that are not done."""
    visible: frozenset[UserId] | None = None
    """Only calls that a supervisor of these users sees; None: all."""
    agent: UserId | None = None
    """The agent who spoke last, or made the call."""
    customer: CustomerId | None = None
    labels: Mapping[LabelKind, int] = field(default_factory=dict)
    simulated: bool | None = None
    search: str = ""
    """Every word must begin one of the caller's name or number, or one of the customer."""


def filter_conditions(
    wanted: CallFilter, searched: ColumnElement[bool] | None = None, *, of_page: bool = False
) -> list[ColumnElement[bool]]:
    """Return conditions on ``calls`` joined with ``customers``.

    ``searched``: the condition for the search, of ``call_search.searched_calls``.
    ``of_page``: as of ``accounts.teams.visible_calls``.
    """
    equal = (
        (calls.c.direction, wanted.direction or None),
        (calls.c.disposition, wanted.disposition or None),
        (calls.c.agent_id, wanted.agent),
        (calls.c.customer_id, wanted.customer),
        (calls.c.did, wanted.line or None),
        (customers.c.tier, wanted.tier or None),
    )
    conditions = label_conditions(wanted.labels)
    conditions += [column == value for column, value in equal if value is not None]
    if wanted.queue:
        # The second condition lets SQLite use the index of queued calls.
        conditions.append(and_(calls.c.queue == wanted.queue, text("calls.queue <> ''")))
    if wanted.late_card:
        # Spelled as the partial index of such calls is, so that it is used.
        conditions.append(and_(*(text(f"calls.{one}") for one in LATE_CARD)))
    if wanted.no_callback:
        conditions += no_callback_conditions()
    conditions += visible_calls(wanted.visible, of_page=of_page)
    if wanted.since is not None:
        conditions.append(calls.c.arrived_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(calls.c.arrived_at < wanted.until)
    if wanted.simulated is not None:
        conditions.append((calls.c.pbx == SIMULATED) == wanted.simulated)
    if searched is not None:
        conditions.append(searched)
    elif wanted.search.strip():
        folded = (calls.c.folded, customers.c.folded)
        conditions.append(or_(*(search_condition(one, wanted.search) for one in folded)))
    return conditions


def filter_to_json(wanted: CallFilter) -> dict[str, object]:
    """Return the filter for another process; ``filter_from_json`` reads it."""
    plain = asdict(wanted)
    plain |= {"visible": None if wanted.visible is None else sorted(wanted.visible)}
    return plain | {"labels": {kind.value: label for kind, label in wanted.labels.items()}}


def filter_from_json(plain: Mapping[str, Any]) -> CallFilter:
    labels = {LabelKind(kind): label for kind, label in plain["labels"].items()}
    visible = None if plain["visible"] is None else frozenset(plain["visible"])
    return CallFilter(**{**plain, "labels": labels, "visible": visible})
