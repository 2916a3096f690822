"""Templates as an office has them once it has switched them on."""

from dataclasses import replace
from typing import Any

from screenpop.offers.compiled import CompiledOffers
from screenpop.offers.office_offer import OfferId, OfficeOffer
from screenpop.offers.office_suggestions import OfficeOffers
from screenpop.offers.templates import TEMPLATES_BY_CODE


def switched_on(*codes: str, **terms: Any) -> OfficeOffers:
    """Return offers of these templates, numbered from one, with further terms."""
    offers = [
        OfficeOffer(
            OfferId(number), replace(TEMPLATES_BY_CODE[code].terms(code), **terms), active=True
        )
        for number, code in enumerate(codes, 1)
    ]
    return OfficeOffers(CompiledOffers(offers))
