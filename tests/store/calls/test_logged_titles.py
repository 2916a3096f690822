"""The title of a customer in the call log, which depends on the gender in Persian and Greek."""

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.calls.views import call_view
from tests.store.samples import finished_call
from tests.web.samples import keep

pytestmark = pytest.mark.anyio

NAMES = {"en": PersonName("Reza", "Moradi"), "fa": PersonName("رضا", "مرادی")}
LINES = TrunkLines(NumberPlan(Region("IR")))


@pytest.mark.parametrize(
    ("gender", "names"),
    [
        (Gender.MAN, ("Eng. Reza Moradi", "آقای مهندس رضا مرادی", "Κύριος Reza Moradi")),
        (Gender.WOMAN, ("Eng. Reza Moradi", "خانم مهندس رضا مرادی", "Κυρία Reza Moradi")),
        (Gender.UNSAID, ("Eng. Reza Moradi", "مهندس رضا مرادی", "Reza Moradi")),
    ],
)
async def test_engineer_has_the_title_of_the_card_in_the_call_log(
    database: Database, gender: Gender, names: tuple[str, str, str]
) -> None:
    draft = CustomerDraft(names=NAMES, title=Title.ENG, gender=gender)
    customer_id = await create_customer(database, draft, 1_700_000_000.0)
    await keep(database, finished_call("1.1", customer=customer_id))
    [call] = (await list_calls(database)).calls
    for language, name in zip(("en", "fa", "el"), names, strict=True):
        assert call_view(call, language, LINES)["customer"] == {"id": customer_id, "name": name}


async def test_call_without_a_customer_has_no_gender(database: Database) -> None:
    await keep(database, finished_call("1.1"))
    [call] = (await list_calls(database)).calls
    assert (call.customer, call.customer_gender) == (None, "unsaid")
