"""The routes of vouchers."""

from screenpop.web.vouchers.api import voucher_api_routes
from screenpop.web.vouchers.pages import voucher_report_routes, voucher_routes

VOUCHER_ROUTES = (voucher_routes, voucher_report_routes, voucher_api_routes)
