"""A customer's points as the page and the API show them."""

from screenpop.customers.models import CustomerId
from screenpop.loyalty.points import balance_of, next_to_expire
from screenpop.store.points.ledger import load_ledger
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext


async def points_view(context: WebContext, customer_id: CustomerId) -> View:
    """Return balance, what ends next, and the entries, the newest first.

    ``used``: the office gives points, or this customer has had some.
    """
    lines = await load_ledger(context.database, customer_id)
    entries = [line.entry for line in lines]
    ending = next_to_expire(entries, context.today())
    return {
        "used": bool(lines) or context.point_rules.is_used,
        "called": "stamps" if context.point_rules.are_stamps else "points",
        "balance": balance_of(entries),
        "expires": None
        if ending is None or ending.expires is None
        else {"points": ending.left, "day": ending.expires.isoformat()},
        "entries": [
            {
                "kind": line.entry.kind.value,
                "points": line.entry.points,
                "reason": line.reason,
                "day": line.entry.day.isoformat(),
                "expires": line.entry.expires.isoformat() if line.entry.expires else None,
                "by": line.by,
            }
            for line in reversed(lines)
        ],
    }
