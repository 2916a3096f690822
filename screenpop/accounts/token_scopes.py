"""What an API token may be allowed to do. ``web.auth.route_scopes`` maps routes to scopes."""

from collections.abc import Iterable
from enum import StrEnum

TOKEN_PREFIX = "spop_"  # noqa: S105 -- the public beginning of tokens, by which scanners find them


class Scope(StrEnum):
    """One permission of a token. A write scope does not include the read scope."""

    LOOKUP_READ = "lookup:read"
    """Who a number belongs to, one number a request."""
    PHONEBOOK_READ = "phonebook:read"
    """The XML phonebooks; a token with this scope alone may be part of an address."""
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    CUSTOMERS_EXPORT = "customers:export"
    """The whole list of customers as a file."""
    DOCUMENTS_READ = "documents:read"
    """Passports and other documents, their numbers masked."""
    DOCUMENTS_WRITE = "documents:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    ATTACHMENTS_READ = "attachments:read"
    ATTACHMENTS_WRITE = "attachments:write"
    TRIPS_READ = "trips:read"
    TRIPS_WRITE = "trips:write"
    CALLS_READ = "calls:read"
    """The call log with its notes, the board, callbacks and agents' states."""
    CALLS_WRITE = "calls:write"
    """Notes on calls; callbacks and missed calls that are done."""
    FOLLOW_UPS_READ = "follow-ups:read"
    FOLLOW_UPS_WRITE = "follow-ups:write"
    MESSAGES_SEND = "messages:send"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    OFFERS_READ = "offers:read"
    OFFERS_WRITE = "offers:write"
    VOUCHERS_READ = "vouchers:read"
    VOUCHERS_WRITE = "vouchers:write"
    POINTS_READ = "points:read"
    POINTS_WRITE = "points:write"
    VALUE_READ = "value:read"
    """Tiers, values and referrals."""
    VALUE_WRITE = "value:write"
    REPORTS_READ = "reports:read"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    SIMULATE = "simulate"
    METRICS_READ = "metrics:read"
    """``/metrics`` for Prometheus, and the reasons of ``/readyz``."""


class UnknownScopeError(ValueError):
    """``scope``: the word that names no scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"There is no scope {scope!r}; choose from {', '.join(Scope)}.")
        self.scope = scope


def parse_scopes(words: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these words. Raises ``UnknownScopeError``."""
    scopes = set()
    for word in words:
        try:
            scopes.add(Scope(word.strip()))
        except ValueError:
            raise UnknownScopeError(word) from None
    return frozenset(scopes)


def may_be_in_an_address(scopes: frozenset[Scope]) -> bool:
    """Return whether a token of these scopes may be part of a URL, which programs log."""
    return scopes == {Scope.PHONEBOOK_READ}
