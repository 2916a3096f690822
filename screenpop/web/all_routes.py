"""The routes of all features, in the order in which they are tried."""

from collections.abc import Callable

from screenpop.web.admin_pages import admin_routes
from screenpop.web.agents.agent_pages import desk_routes
from screenpop.web.agents.availability_api import availability_routes, calling_routes
from screenpop.web.agents.hot_desk_pages import hot_desk_routes
from screenpop.web.asyncapi.document import asyncapi_routes
from screenpop.web.attachments.api import attachment_api_routes
from screenpop.web.attachments.pages import attachment_routes
from screenpop.web.auth.account_pages import account_routes
from screenpop.web.auth.login_pages import first_login_routes, login_routes
from screenpop.web.auth.password_confirmation import confirm_routes
from screenpop.web.auth.provider_pages import provider_logout_routes, provider_routes
from screenpop.web.auth.second_factor_pages import (
    second_factor_off_routes,
    second_factor_routes,
)
from screenpop.web.auth.second_step_pages import second_step_routes
from screenpop.web.auth.token_pages import token_routes
from screenpop.web.board.all_routes import BOARD_ROUTES
from screenpop.web.branch_pages import BRANCH_ROUTES
from screenpop.web.calls.export_pages import call_export_routes
from screenpop.web.calls.missed_call_api import missed_call_routes
from screenpop.web.calls.note_pages import call_note_routes
from screenpop.web.calls.pages import call_routes
from screenpop.web.calls.view_pages import call_view_routes
from screenpop.web.context import WebContext
from screenpop.web.customers.api import customer_api_routes
from screenpop.web.customers.company_pages import company_routes
from screenpop.web.customers.data_quality_pages import (
    duplicate_routes,
    merge_routes,
    quality_routes,
)
from screenpop.web.customers.detail_pages import person_routes
from screenpop.web.customers.document_pages import document_api_routes, document_routes
from screenpop.web.customers.hidden_file_pages import hidden_file_routes
from screenpop.web.customers.list_pages import customer_routes
from screenpop.web.customers.new_customer_pages import new_customer_routes
from screenpop.web.customers.payment_api import payment_api_routes
from screenpop.web.customers.payment_pages import payment_routes, payment_tap_routes
from screenpop.web.customers.trip_pages import case_routes, trip_routes
from screenpop.web.demo_guide_routes import demo_guide_routes
from screenpop.web.draft_routes import draft_routes
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.follow_ups.calendar_pages import calendar_routes
from screenpop.web.follow_ups.callback_routes import callback_routes
from screenpop.web.follow_ups.message_routes import message_routes
from screenpop.web.follow_ups.routes import follow_up_routes
from screenpop.web.imports.api import import_api_routes, import_following_routes
from screenpop.web.imports.pages import import_action_routes, import_routes
from screenpop.web.lookback.pages import lookback_routes
from screenpop.web.lookup.api import lookup_routes
from screenpop.web.lookup.phonebook import phonebook_routes
from screenpop.web.offers.api import offer_api_routes, offer_edit_api_routes
from screenpop.web.offers.holidays import holiday_api_routes, holiday_routes
from screenpop.web.offers.pages import offer_edit_routes, offer_routes
from screenpop.web.offers.report import offer_report_api_routes, offer_report_routes
from screenpop.web.own_fields.admin_pages import own_field_api_routes, own_field_routes
from screenpop.web.points.routes import point_api_routes, point_routes
from screenpop.web.privacy.pages import privacy_api_routes, privacy_routes
from screenpop.web.privacy.retention_pages import retention_routes
from screenpop.web.reports.all_routes import REPORT_ROUTES
from screenpop.web.segments.all_routes import SEGMENT_ROUTES
from screenpop.web.setup.pages import setup_check_routes, setup_routes
from screenpop.web.simulation_api import api_routes
from screenpop.web.trip_board.routes import trip_board_api_routes, trip_board_routes
from screenpop.web.user_pages import user_login_routes, user_routes
from screenpop.web.value.referral_pages import referral_routes
from screenpop.web.value.routes import value_routes
from screenpop.web.value.tier_pages import tier_api_routes, tier_routes
from screenpop.web.vouchers.all_routes import VOUCHER_ROUTES
from screenpop.web.webhooks.pages import webhook_action_routes, webhook_routes

ALL_ROUTES: tuple[Callable[[WebContext], FeatureRouter], ...] = (
    login_routes,
    first_login_routes,
    second_step_routes,
    provider_routes,
    provider_logout_routes,
    second_factor_routes,
    second_factor_off_routes,
    desk_routes,
    demo_guide_routes,
    draft_routes,
    hot_desk_routes,
    availability_routes,
    calling_routes,
    account_routes,
    *BOARD_ROUTES,  # before admin_routes, whose POST of a list of labels has a general path
    *BRANCH_ROUTES,  # as team_routes
    token_routes,  # as team_routes
    webhook_routes,  # as team_routes
    webhook_action_routes,
    setup_routes,  # as team_routes
    setup_check_routes,
    retention_routes,  # as team_routes
    admin_routes,
    user_login_routes,
    user_routes,
    own_field_routes,
    own_field_api_routes,
    confirm_routes,
    call_view_routes,
    call_routes,
    call_note_routes,
    missed_call_routes,
    follow_up_routes,
    callback_routes,
    calendar_routes,
    message_routes,
    customer_routes,
    *SEGMENT_ROUTES,
    offer_edit_routes,
    holiday_routes,
    holiday_api_routes,
    offer_report_routes,
    offer_report_api_routes,
    offer_routes,
    offer_api_routes,
    offer_edit_api_routes,
    *VOUCHER_ROUTES,
    point_routes,
    point_api_routes,
    customer_api_routes,
    document_api_routes,
    document_routes,
    duplicate_routes,
    payment_api_routes,
    payment_routes,
    payment_tap_routes,
    attachment_api_routes,
    attachment_routes,
    trip_board_api_routes,
    trip_board_routes,
    merge_routes,
    quality_routes,
    company_routes,
    new_customer_routes,
    person_routes,
    hidden_file_routes,
    referral_routes,
    tier_routes,
    tier_api_routes,
    value_routes,
    *REPORT_ROUTES,
    call_export_routes,
    trip_routes,
    case_routes,
    lookback_routes,
    lookup_routes,
    phonebook_routes,
    import_routes,
    import_action_routes,
    import_api_routes,
    import_following_routes,
    privacy_routes,
    privacy_api_routes,
    api_routes,
    asyncapi_routes,
)
