"""One table: which scope of a token opens which route of the API.

Each new route of ``/api/v1`` needs an entry (``tests/web/auth/test_route_scopes.py``). A token
opens no route that is not here, so a forgotten one is closed to all tokens.
"""

from screenpop.accounts.token_scopes import Scope

_S = Scope

_SCOPES: dict[str, tuple[Scope, ...]] = {
    # path: the scope that reads (GET), the scope that changes (POST, PUT, PATCH, DELETE); one
    # scope where the path has only GET
    "/api/v1/lookup": (_S.LOOKUP_READ,),
    "/api/v1/phonebook.xml": (_S.PHONEBOOK_READ,),
    "/api/v1/phonebook/{brand}/phonebook.xml": (_S.PHONEBOOK_READ,),
    "/api/v1/agents/availability": (_S.CALLS_READ,),
    "/api/v1/agents/availability/history": (_S.CALLS_READ,),
    "/api/v1/asyncapi.json": (_S.CALLS_READ,),
    "/api/v1/board": (_S.CALLS_READ,),
    "/api/v1/branches": (_S.CUSTOMERS_READ,),
    "/api/v1/own-fields": (_S.CUSTOMERS_READ,),
    "/api/v1/call-views": (_S.CALLS_READ,),
    "/api/v1/calls": (_S.CALLS_READ,),
    "/api/v1/calls/{number}": (_S.CALLS_READ,),
    "/api/v1/calls/{number}/notes": (_S.CALLS_READ, _S.CALLS_WRITE),
    "/api/v1/calls/{number}/notes/{note}": (_S.CALLS_READ, _S.CALLS_WRITE),
    "/api/v1/missed-calls": (_S.CALLS_READ,),
    "/api/v1/missed-calls/{number}/done": (_S.CALLS_READ, _S.CALLS_WRITE),
    "/api/v1/missed-calls/{number}/undo": (_S.CALLS_READ, _S.CALLS_WRITE),
    "/api/v1/callbacks": (_S.CALLS_READ,),
    "/api/v1/callbacks/open": (_S.CALLS_READ,),
    "/api/v1/callbacks/times": (_S.CALLS_READ,),
    "/api/v1/follow-ups": (_S.FOLLOW_UPS_READ,),
    "/api/v1/follow-ups/open": (_S.FOLLOW_UPS_READ,),
    "/api/v1/follow-ups/share": (_S.FOLLOW_UPS_READ, _S.FOLLOW_UPS_WRITE),
    "/api/v1/follow-ups/{row_id}": (_S.FOLLOW_UPS_READ, _S.FOLLOW_UPS_WRITE),
    "/api/v1/customers/{customer}/message": (_S.FOLLOW_UPS_READ, _S.MESSAGES_SEND),
    "/api/v1/customers": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/customers/bulk": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/customers/export": (_S.CUSTOMERS_EXPORT, _S.CUSTOMERS_EXPORT),
    "/api/v1/customers/{number}": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/customers/{number}/numbers": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/companies/{company}/contacts": (_S.CUSTOMERS_READ,),
    "/api/v1/companies/{company}/contacts/{customer}": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/bulk-edits/{number}": (_S.CUSTOMERS_READ,),
    "/api/v1/bulk-edits/{number}/undo": (_S.CUSTOMERS_READ, _S.CUSTOMERS_WRITE),
    "/api/v1/customers/{number}/documents": (_S.DOCUMENTS_READ, _S.DOCUMENTS_WRITE),
    "/api/v1/customers/{number}/documents/{item_id}": (_S.DOCUMENTS_READ, _S.DOCUMENTS_WRITE),
    "/api/v1/customers/{number}/trips/{trip_id}/payments": (_S.PAYMENTS_READ, _S.PAYMENTS_WRITE),
    "/api/v1/customers/{number}/payments/{item_id}": (_S.PAYMENTS_READ, _S.PAYMENTS_WRITE),
    "/api/v1/customers/{number}/payments/{item_id}/state": (_S.PAYMENTS_READ, _S.PAYMENTS_WRITE),
    "/api/v1/customers/{number}/attachments": (_S.ATTACHMENTS_READ, _S.ATTACHMENTS_WRITE),
    "/api/v1/customers/{number}/attachments/{item_id}": (_S.ATTACHMENTS_READ, _S.ATTACHMENTS_WRITE),
    "/api/v1/customers/{number}/attachments/{item_id}/content": (_S.ATTACHMENTS_READ,),
    "/api/v1/customers/{number}/points": (_S.POINTS_READ,),
    "/api/v1/customers/{number}/points/spend": (_S.POINTS_READ, _S.POINTS_WRITE),
    "/api/v1/customers/{number}/points/correct": (_S.POINTS_READ, _S.POINTS_WRITE),
    "/api/v1/customers/{number}/vouchers": (_S.VOUCHERS_READ,),
    "/api/v1/customers/{number}/value": (_S.VALUE_READ,),
    "/api/v1/value-runs": (_S.VALUE_READ,),
    "/api/v1/referrals": (_S.VALUE_READ,),
    "/api/v1/tier-rules": (_S.VALUE_READ, _S.VALUE_WRITE),
    "/api/v1/tier-rules/preview": (_S.VALUE_READ, _S.VALUE_READ),
    "/api/v1/segments": (_S.SEGMENTS_READ, _S.SEGMENTS_WRITE),
    "/api/v1/segments/fields": (_S.SEGMENTS_READ,),
    "/api/v1/segments/count": (_S.SEGMENTS_READ, _S.SEGMENTS_READ),
    "/api/v1/segments/{number}": (_S.SEGMENTS_READ, _S.SEGMENTS_WRITE),
    "/api/v1/segments/{number}/count": (_S.SEGMENTS_READ,),
    "/api/v1/segments/{number}/call-list": (_S.SEGMENTS_READ, _S.SEGMENTS_WRITE),
    "/api/v1/tags": (_S.SEGMENTS_READ,),
    "/api/v1/call-lists": (_S.SEGMENTS_READ,),
    "/api/v1/school-holidays": (_S.OFFERS_READ, _S.OFFERS_WRITE),
    "/api/v1/school-holidays/{number}": (_S.OFFERS_READ, _S.OFFERS_WRITE),
    "/api/v1/offers": (_S.OFFERS_READ, _S.OFFERS_WRITE),
    "/api/v1/offers/report": (_S.OFFERS_READ,),
    "/api/v1/offers/templates": (_S.OFFERS_READ,),
    "/api/v1/offers/{number}": (_S.OFFERS_READ, _S.OFFERS_WRITE),
    "/api/v1/offers/{number}/customers": (_S.OFFERS_READ,),
    "/api/v1/offers/{number}/switch": (_S.OFFERS_READ, _S.OFFERS_WRITE),
    "/api/v1/offers/{number}/vouchers": (_S.VOUCHERS_READ, _S.VOUCHERS_WRITE),
    "/api/v1/vouchers/report": (_S.VOUCHERS_READ,),
    "/api/v1/vouchers/{code}": (_S.VOUCHERS_READ,),
    "/api/v1/vouchers/{code}/redeem": (_S.VOUCHERS_READ, _S.VOUCHERS_WRITE),
    "/api/v1/vouchers/{code}/cancel": (_S.VOUCHERS_READ, _S.VOUCHERS_WRITE),
    "/api/v1/vouchers/{code}/reverse": (_S.VOUCHERS_READ, _S.VOUCHERS_WRITE),
    "/api/v1/trip-board": (_S.TRIPS_READ,),
    "/api/v1/trip-board/{status}": (_S.TRIPS_READ,),
    "/api/v1/trip-board/trips/{trip}/move": (_S.TRIPS_READ, _S.TRIPS_WRITE),
    "/api/v1/trip-board/trips/{trip}/tick": (_S.TRIPS_READ, _S.TRIPS_WRITE),
    "/api/v1/trip-board/trips/{trip}/owner": (_S.TRIPS_READ, _S.TRIPS_WRITE),
    "/api/v1/reports/calls": (_S.REPORTS_READ,),
    "/api/v1/reports/popup": (_S.REPORTS_READ,),
    "/api/v1/reports/{code}": (_S.REPORTS_READ,),
    "/api/v1/imports": (_S.IMPORTS_READ, _S.IMPORTS_WRITE),
    "/api/v1/imports/{job}": (_S.IMPORTS_READ,),
    "/api/v1/imports/{job}/check": (_S.IMPORTS_READ, _S.IMPORTS_WRITE),
    "/api/v1/imports/{job}/start": (_S.IMPORTS_READ, _S.IMPORTS_WRITE),
    "/api/v1/imports/{job}/cancel": (_S.IMPORTS_READ, _S.IMPORTS_WRITE),
    "/api/v1/imports/{job}/report/{what}": (_S.IMPORTS_READ,),
    "/api/v1/imports/batches/{batch}/undo": (_S.IMPORTS_READ, _S.IMPORTS_WRITE),
    "/api/v1/simulated-calls": (_S.SIMULATE, _S.SIMULATE),
    "/metrics": (_S.METRICS_READ,),
    "/readyz": (_S.METRICS_READ,),
}

NOT_FOR_TOKENS = frozenset(
    {
        # an agent's own state and phone
        "GET /api/v1/availability",
        "PUT /api/v1/availability",
        "POST /api/v1/phones/{phone}/call",
        "POST /api/v1/phones/{phone}/dialled",
        "POST /api/v1/calls/{call}/call-back",
        "POST /api/v1/calls/{call}/dialled",
        "POST /api/v1/call-back",
        "POST /api/v1/callbacks/{call}",
        "POST /api/v1/callbacks/{call}/call",
        "POST /api/v1/callbacks/{call}/dialled",
        # exports that a page of the same user has begun
        "GET /api/v1/exports/{name}",
        "POST /api/v1/exports/{name}/cancel",
        # these need a person's password, or show what is sealed
        "GET /api/v1/customers/{number}/whole-file",
        "POST /api/v1/customers/{number}/erase",
        "POST /api/v1/customers/{number}/documents/numbers",
    }
)
"""Routes of the API that no token opens: they need a person's login or the file token."""


def scope_of_route(method: str, path: str) -> Scope | None:
    """Return the scope that opens a route; None if tokens do not open it.

    ``path``: with its parameters' names, as the route declares it.
    """
    scopes = _SCOPES.get(path, ())
    place = 0 if method in {"GET", "HEAD"} else 1
    return scopes[place] if place < len(scopes) else None


def listed_paths() -> frozenset[str]:
    """Return the paths that the table has, for the test that finds outdated ones."""
    return frozenset(_SCOPES)
