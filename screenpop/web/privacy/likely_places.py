"""The places that may mean an erased person, as the page lists them."""

from collections.abc import Iterable

from screenpop.store.privacy.mentions import LikelyMention
from screenpop.web.calls.views import View

_HEADINGS = {
    "customers": "File",
    "trips": "Trip",
    "trip_travellers": "Trip",
    "trip_payments": "Payments",
    "cases": "Case",
    "case_steps": "Case",
    "follow_ups": "Follow-up",
    "calls": "Call",
    "call_notes": "Call",
    "call_traces": "Call",
    "offer_answers": "Offer",
    "offers": "Offer",
    "segments": "Segment",
    "households": "Household",
    "customer_changes": "Changes",
    "customer_messages": "Message",
    "customer_merges": "Merge",
    "import_batches": "Import",
    "import_changes": "Import",
    "watched_rows": "Import",
}


def likely_places(mentions: Iterable[LikelyMention]) -> list[View]:
    """Return one row for each place: its heading, where it opens, and its name in the database.

    ``link`` is empty for what is in no file and no call.
    """
    rows = []
    for one in mentions:
        link = ""
        if one.customer_id is not None:
            link = f"/customers/{one.customer_id}"
        elif one.call_id is not None:
            link = f"/calls/{one.call_id}"
        heading = _HEADINGS.get(one.place.partition(".")[0], "Other records")
        number = one.customer_id or one.call_id or one.row
        rows.append({"heading": heading, "link": link, "number": number, "place": one.place})
    return rows
