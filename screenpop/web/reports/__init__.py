"""Reports for supervisors, as pages and JSON API.

Entry points: ``call_pages.call_report_routes``, ``popup_pages.popup_report_routes``.
Invariants: only for users who may see all calls; calls of the simulator count in the demo only.
Callers: ``web.application``.
"""
