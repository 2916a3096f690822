"""A follow-up as plain values, for the JSON of the pages, the API and the websocket."""

from screenpop.follow_ups.models import FollowUp


def follow_up_view(one: FollowUp) -> dict[str, object]:
    """Return a follow-up as plain values; days are ISO 8601."""
    return {
        "id": one.id,
        "customer": one.customer_id,
        "call": one.call_id,
        "due": one.due.isoformat(),
        "snoozed_until": None if one.snoozed_until is None else one.snoozed_until.isoformat(),
        "promise": one.promise,
        "source": one.source.value,
        "offer": one.offer,
        "state": one.state.value,
        "assigned_to": one.assigned_to,
        "assigned_name": one.assigned_name,
        "made_by": one.made_by,
        "made_by_name": one.made_by_name,
        "made_at": one.made_at,
        "closed_by_name": one.closed_by_name,
        "closed_at": one.closed_at,
    }
