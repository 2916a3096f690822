"""The call log as pages and JSON API.

Entry points: ``pages.call_routes``; filters are checked in ``query``.
Invariants: an agent sees own calls only, unless the role allows all; withheld numbers stay hidden.
Callers: ``web.application``.
"""
