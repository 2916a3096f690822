"""All routes of reports; those with pages of their own before the described ones."""

from screenpop.web.reports.call_pages import call_report_routes
from screenpop.web.reports.popup_pages import popup_report_routes
from screenpop.web.reports.report_pages import report_routes

REPORT_ROUTES = (call_report_routes, popup_report_routes, report_routes)
