"""The condition of missed calls after which the caller was not talked to."""

from sqlalchemy import ColumnElement, and_, exists, or_, select, text

from screenpop.store.calls.open_callbacks import TALKED_S
from screenpop.store.schema.customer_tables import missed_calls_done
from screenpop.store.schema.tables import calls


def no_callback_conditions() -> list[ColumnElement[bool]]:
    """Return conditions on ``calls``; each row is looked at alone, so that pages cost the same.

    The caller is the customer or the number of the call. A talk in either direction counts, as it
    does for callbacks; of a caller without a whole number, one with the same digits.
    """
    later = calls.alias("later")
    talks = [
        later.c.e164 == calls.c.e164,
        later.c.customer_id == calls.c.customer_id,
        *(
            and_(
                later.c[column] == calls.c.caller_raw,
                later.c.e164.is_(None),
                calls.c.e164.is_(None),
                calls.c.caller_raw != "",
                ~calls.c.withheld,
            )
            for column in ("caller_raw", "called")
        ),
    ]
    talked = [
        select(later.c.id)
        .where(talk, later.c.talk_s >= TALKED_S, later.c.answered_at > calls.c.arrived_at)
        .correlate(calls)
        .exists()
        for talk in talks
    ]
    done = exists().where(missed_calls_done.c.call_id == calls.c.id)
    # Spelled as the partial index of missed calls is, so that it is used.
    missed = text("calls.direction = 'inbound' AND calls.disposition <> 'answered'")
    return [
        missed,  # type: ignore[list-item]
        calls.c.disposition != "in_progress",
        ~or_(done, *talked),
    ]
