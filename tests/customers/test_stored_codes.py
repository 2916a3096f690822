"""Codes that are stored, sent to pages and written into customer lists: a rename loses data."""

from enum import StrEnum

import pytest

from screenpop.customers.import_columns import Field
from screenpop.customers.import_report import RowResult
from screenpop.customers.itinerary import Phase
from screenpop.customers.match import Sureness
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    Gender,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.customers.travellers import SEVERAL, UNKNOWN

FIELDS = """
    title given family name family_first also_named called mobile home_phone work_phone phone
    email gender language birthday anniversary tier vip consent email_consent sms_consent
    phone_consent recording_consent data_consent offers_opt_out email_opt_out sms_opt_out
    phone_opt_out recording_opt_out balance currency since company household city heard_from
    tags preferences seat meals season budget destinations other_wish allows
    passport passport_country passport_name passport_expires visa_number visa_country
    visa_from visa_expires national_code tax_number id_card frequent_flyer club owner branch notes
    destination country product departs returns status visa price paid adults children
    travellers trip_note supplier margin rating feedback feedback_asked case_kind case_state
    case_subject case_opened case_promised_by case_promised_for case_closed code own
    ignored
"""


@pytest.mark.parametrize(
    ("codes", "stored"),
    [
        (Sureness, "certain shared maybe none"),
        (Phase, "asked ahead now past cancelled"),
        (RowResult, "refused noted changed on_file joined new"),
        (Title, "none mr ms dr eng prof"),
        (Gender, "unsaid woman man"),
        (Tier, "none silver gold platinum"),
        (TripStatus, "asked quoted booked ticketed travelling travelled cancelled"),
        (Product, "tour flight hotel visa flight_hotel other"),
        (VisaState, "not_needed pending issued refused"),
        (CaseKind, "question complaint refund"),
        (CaseState, "open waiting closed"),
        (Field, FIELDS),
    ],
)
def test_stored_codes_stay_the_same(codes: type[StrEnum], stored: str) -> None:
    assert [code.value for code in codes] == stored.split()


def test_codes_of_travellers_without_one_matching_customer_stay_the_same() -> None:
    assert (UNKNOWN, SEVERAL) == ("unknown_traveller", "several_travellers")
