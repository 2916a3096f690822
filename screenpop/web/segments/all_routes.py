"""The routes of segments, tags and changes of many customers."""

from screenpop.web.segments.api import segment_api_routes, segment_edit_api_routes
from screenpop.web.segments.bulk_api import bulk_api_routes
from screenpop.web.segments.bulk_pages import bulk_routes
from screenpop.web.segments.call_list_pages import call_list_api_routes, call_list_routes
from screenpop.web.segments.pages import segment_edit_routes, segment_routes
from screenpop.web.segments.tag_pages import tag_routes

SEGMENT_ROUTES = (
    segment_routes,
    segment_edit_routes,
    segment_api_routes,
    segment_edit_api_routes,
    tag_routes,
    bulk_routes,
    bulk_api_routes,
    call_list_routes,
    call_list_api_routes,
)
