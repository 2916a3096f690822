"""The filter by segment on the list of customers."""

from starlette.requests import Request

from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.segments.access import usable_segments
from screenpop.web.segments.pages import segment_view, words_of


async def list_filter_view(
    context: WebContext, request: Request, current_user: CurrentUser, chosen: int | None
) -> View:
    """Return the segments to choose from, and the chosen one with what it means."""
    segments = await usable_segments(context.database, current_user)
    words = await words_of(context, request) if chosen is not None else None
    found = next((one for one in segments if one.id == chosen), None)
    return {
        "segments": [{"id": one.id, "name": one.name} for one in segments],
        "segment": segment_view(found, words) if found and words else None,
    }
