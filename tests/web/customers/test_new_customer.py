"""Customers that a new one may be are listed before saving, on the form and over the API."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import format_for_people
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

API = "/api/v1/customers"


@dataclass(frozen=True)
class Woman:
    """A number and a birthday that no other test has."""

    digits: str
    birthday: date

    @property
    def e164(self) -> E164:
        return E164(f"+98{self.digits[1:]}")

    @property
    def number(self) -> PhoneDraft:
        return PhoneDraft(self.digits, self.e164, self.digits[-9:])

    @property
    def form(self) -> dict[str, str]:
        return {"name_en_given": "Laleh", "name_en_family": "Karimi"}

    @property
    def day(self) -> str:
        return self.birthday.isoformat()


_places = count()


@pytest.fixture
def her() -> Woman:
    place = next(_places)
    return Woman(f"091234567{place:02d}", date(1977, 7, 7) + timedelta(days=place))


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("new"), real_pages=True) as up:
        yield up


async def put_on_file(office: Running, her: Woman) -> CustomerId:
    draft = CustomerDraft(
        names={"fa": PersonName("لاله", "<b>کریمی</b>")},
        phones=(her.number,),
    )
    return await create_customer(office.database, draft, NOON)


async def born(
    office: Running, her: Woman, given: str = "Laleh", family: str = "Karimi"
) -> CustomerId:
    names = {"en": PersonName(given, family)}
    draft = CustomerDraft(names=names, birthday=her.birthday)
    return await create_customer(office.database, draft, NOON)


async def send(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    csrf = csrf_of((await client.get("/customers/new")).text)
    return await client.post("/customers/new", data={"csrf": csrf} | form)


async def test_the_form_lists_customers_with_the_number_in_another_script_and_saves_anyway(
    office: Running, her: Woman
) -> None:
    customer_id, form = await put_on_file(office, her), her.form | {"number": her.digits}
    async with await office.client("alice") as alice:
        answer = await send(alice, form)

        assert answer.status_code == 409
        assert f'href="/customers/{customer_id}"' in answer.text
        assert "This customer may be on file already" in answer.text
        assert "same number" in answer.text
        assert "<b>کریمی</b>" not in answer.text
        assert 'value="Karimi"' in answer.text
        made = await send(alice, form | {"anyway": "1"})
        assert made.status_code == 303
        assert made.headers["location"] != f"/customers/{customer_id}"


@pytest.mark.parametrize(
    ("given", "family", "why"),
    [("Laleh", "Karimi", "same name, same birthday"), ("Lalen", "Karimy", "similar name")],
)
async def test_the_form_lists_close_names_with_one_birthday(
    office: Running, her: Woman, given: str, family: str, why: str
) -> None:
    customer_id = await born(office, her, given, family)
    form = her.form | {"birthday": her.day}
    async with await office.client("alice") as alice:
        answer = await send(alice, form)

        assert answer.status_code == 409
        assert f'href="/customers/{customer_id}"' in answer.text
        assert why in answer.text
        of_other = form | {"birthday": f"1960-{her.birthday:%m-%d}"}
        assert (await send(alice, of_other)).status_code == 303


async def test_a_mistake_in_the_form_is_reported_before_customers_on_file(
    office: Running, her: Woman
) -> None:
    await put_on_file(office, her)
    form = her.form | {"number": her.digits}
    async with await office.client("alice") as alice:
        answer = await send(alice, form | {"birthday": "soon"})

        assert answer.status_code == 422
        assert "on-file" not in answer.text


async def test_the_number_goes_to_the_customer_on_file_instead(office: Running, her: Woman) -> None:
    customer_id = await born(office, her)
    form = {"name_fa_given": "لاله", "name_fa_family": "کریمی"}
    form |= {"birthday": her.day, "number": her.digits}
    async with await office.client("alice") as alice:
        answer = await send(alice, form)
        path = f"/customers/{customer_id}/numbers"
        assert f'formaction="{path}"' in answer.text

        csrf = csrf_of(answer.text)
        done = await alice.post(path, data={"csrf": csrf} | form)

        assert done.headers["location"] == f"/customers/{customer_id}#numbers"
        assert format_for_people(her.e164) in (await alice.get(f"/customers/{customer_id}")).text


async def test_the_api_refuses_with_customers_on_file_and_creates_anyway(
    office: Running, her: Woman
) -> None:
    customer_id = await put_on_file(office, her)
    new = {
        "names": {"en": {"given": "Laleh", "family": "Karimi"}},
        "numbers": [{"number": her.digits}],
    }
    async with await office.client("alice") as alice:
        answer = await alice.post(API, json=new)

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "may_be_on_file")
        assert answer.headers["content-type"] == "application/problem+json"
        assert [(one["person"]["id"], one["why"]) for one in problem["on_file"]] == [
            (customer_id, "number")
        ]
        made = await alice.post(API, params={"anyway": "true"}, json=new)
        assert made.status_code == 201


async def test_two_different_people_are_marked_on_the_list_and_the_mark_is_undone(
    office: Running, her: Woman
) -> None:
    one, other = await born(office, her), await born(office, her)
    compare = f"/customers/{one}/merge?with={other}"
    async with await office.client("alice") as alice:
        page = (await alice.get("/customers/duplicates")).text
        assert compare in page
        pair = {"csrf": csrf_of(page), "pair": f"{one} {other}"}

        done = await alice.post("/customers/duplicates", data=pair)

        marked = (await alice.get(done.headers["location"])).text
        assert compare not in marked
        assert f"#{one} and #{other} are different people." in marked
        undone = await alice.post("/customers/duplicates", data=pair | {"do": "undo"})
        assert compare in (await alice.get(undone.headers["location"])).text


@pytest.mark.parametrize(
    ("pair", "status"), [("1", 422), ("1 1", 422), ("x y", 422), ("998 999", 404)]
)
async def test_a_pair_that_is_none_is_refused(office: Running, pair: str, status: int) -> None:
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/customers/duplicates")).text)
        answer = await alice.post("/customers/duplicates", data={"csrf": csrf, "pair": pair})
        assert answer.status_code == status
        assert (await alice.post("/customers/duplicates", data={"pair": "1 2"})).status_code == 403
        assert (await alice.get("/customers/duplicates?marked=" + pair)).status_code == 200


async def test_a_department_without_birthdays_sees_no_pairs_of_them(
    office: Running, her: Woman
) -> None:
    one, other = await born(office, her), await born(office, her)
    async with await office.client("bob") as bob:
        page = await bob.get("/customers/duplicates")

    assert f"/customers/{one}/merge?with={other}" not in page.text
