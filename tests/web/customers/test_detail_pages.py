"""A customer's page and its forms: what a department may not see never leaves the server."""

import re
from collections.abc import AsyncGenerator
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip
from screenpop.telephony.identifiers import E164
from screenpop.web.customers.forms import form_values
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

SECRETS = {
    "personal": ("a peanut allergy", "window seat please", "1977-07-07"),
    "prices": ("876543", "Secret Supplier"),
    "balance": ("7654321",),
    "cases": ("A lost suitcase",),
}
SEES = {
    "alice": {"personal"},  # sales
    "bob": {"prices"},  # accounting
    "adam": {"personal", "prices", "balance", "cases"},  # an administrator
}


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("person"), real_pages=True) as up:
        yield up


async def put_on_file(office: Running) -> CustomerId:
    """A customer with one secret of every kind, each of which has been changed once."""
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "<b>Karimi</b>")},
        phones=(PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile"),),
    )
    customer_id = await create_customer(office.database, draft, NOON)
    given = {
        "notes": "a peanut allergy",
        "wishes": {"seat": "window seat please"},
        "birthday": date(1977, 7, 7),
        "balance": 7654321,
    }
    await update_customer_fields(office.database, customer_id, given, user_id=None, now=NOON)
    trip = {"destination": "Rome", "price": 876543, "supplier": "Secret Supplier"}
    await add_trip(office.database, customer_id, trip, user_id=None, now=NOON)
    case = {
        "kind": "complaint",
        "state": "open",
        "subject": "A lost suitcase",
        "opened": date(2026, 1, 1),
    }
    await add_case(office.database, customer_id, case, user_id=None, now=NOON)
    return customer_id


@pytest.mark.parametrize("day", [date(1904, 8, 3), date(1904, 2, 29)])
async def test_a_birthday_without_a_year_is_persian_in_the_persian_form_and_survives_a_save(
    office: Running, day: date
) -> None:
    customer_id = await put_on_file(office)
    await update_customer_fields(
        office.database, customer_id, {"birthday": day}, user_id=None, now=NOON + 1
    )
    file = await load_customer_detail(office.database, customer_id)
    assert file is not None
    shown = form_values(file, "fa", datetime.now().date())["birthday"]  # noqa: DTZ005
    assert shown.split()[1] in {"مرداد", "اسفند"}
    async with await office.client("adam") as adam:
        form = {"csrf": await csrf_of(adam), "name_en_given": "Laleh", "birthday": shown}
        answer = await adam.post(f"/customers/{customer_id}/edit", data=form)
        assert answer.status_code == 303, answer.text
        read = (await adam.get(f"/api/v1/customers/{customer_id}")).json()
    assert read["birthday"] == day.isoformat()


async def test_the_city_is_filled_in_on_the_form_and_is_on_the_page_and_in_the_list(
    office: Running,
) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("alice") as alice:
        form = {"csrf": await csrf_of(alice), "name_en_given": "Laleh", "city": "<b>Yazd</b>"}
        answer = await alice.post(f"/customers/{customer_id}/edit", data=form)
        assert answer.status_code == 303, answer.text
        for path in (f"/customers/{customer_id}", "/customers?q=yazd"):
            assert "<bdi>&lt;b&gt;Yazd&lt;/b&gt;</bdi>" in (await alice.get(path)).text
        assert (
            'value="&lt;b&gt;Yazd&lt;/b&gt;"'
            in (await alice.get(f"/customers/{customer_id}/edit")).text
        )


async def test_places_are_named_in_the_language_of_the_page_and_kept_as_they_were_typed(
    office: Running,
) -> None:
    customer_id = await put_on_file(office)
    written = {"destination": "استانبول", "product": "tour", "status": "travelled"}
    await add_trip(office.database, customer_id, written, user_id=None, now=NOON)
    await update_customer_fields(
        office.database, customer_id, {"city": "Αθήνα"}, user_id=None, now=NOON + 1
    )
    async with await office.client("adam") as adam:
        page = (await adam.get(f"/customers/{customer_id}")).text
        read = (await adam.get(f"/api/v1/customers/{customer_id}")).json()
    assert "<bdi>Istanbul</bdi>" in page
    assert "<bdi>Athens</bdi>" in page
    assert "استانبول" in {trip["destination"] for trip in read["trips"]}
    assert read["city"] == "Αθήνα"


async def csrf_of(client: httpx.AsyncClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/me")).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", SEES)
async def test_a_page_holds_what_the_department_sees_and_nothing_else(
    office: Running, name: str
) -> None:
    customer_id = await put_on_file(office)
    async with await office.client(name) as client:
        for path in (f"/customers/{customer_id}", f"/customers/{customer_id}/edit"):
            page = await client.get(path)
            assert page.status_code == 200, page.text
            assert "&lt;b&gt;Karimi&lt;/b&gt;" in page.text
            assert "<b>Karimi" not in page.text
            for section, secrets in SECRETS.items():
                if section not in SEES[name]:
                    assert not any(secret in page.text for secret in secrets), (path, section)
        page = await client.get(f"/customers/{customer_id}")
        for section in SEES[name]:
            assert SECRETS[section][0] in page.text


@pytest.mark.defends("department-view")
@pytest.mark.parametrize(("name", "place"), [("alice", "cases/new"), ("bob", "cases/1")])
async def test_mallory_does_not_open_cases_of_another_department(
    office: Running, name: str, place: str
) -> None:
    customer_id = await put_on_file(office)
    async with await office.client(name) as mallory:
        assert (await mallory.get(f"/customers/{customer_id}/{place}")).status_code == 403
        answer = await mallory.post(
            f"/customers/{customer_id}/{place}",
            data={"csrf": await csrf_of(mallory), "subject": "x"},
        )
        assert answer.status_code == 403


async def test_a_department_cannot_change_what_it_does_not_see(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("alice") as mallory:
        form = {
            "csrf": await csrf_of(mallory),
            "name_en_given": "Laleh",
            "name_en_family": "Moradi",
            "balance": "0",
            "currency": "EUR",
            "notes": "mine",
        }
        assert (await mallory.post(f"/customers/{customer_id}/edit", data=form)).status_code == 303
    async with await office.client("adam") as adam:
        text = (await adam.get(f"/customers/{customer_id}")).text
        assert "7654321" in text
        assert "mine" in text
        assert "Moradi" in text


@pytest.mark.defends("form-token")
async def test_a_form_without_its_token_changes_nothing(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("alice") as mallory:
        for path in ("edit", "numbers", "numbers/1", "trips/new"):
            answer = await mallory.post(f"/customers/{customer_id}/{path}", data={"number": "0912"})
            assert answer.status_code == 403, path
        answer = await mallory.post("/customers/new", data={"name_en_given": "Eve"})
        assert answer.status_code == 403


async def test_strangers_are_sent_to_the_login_and_see_no_customer(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with office.browser() as mallory:
        for path in (
            f"/customers/{customer_id}",
            f"/customers/{customer_id}/edit",
            "/customers/new",
        ):
            answer = await mallory.get(path)
            assert answer.status_code == 303
            assert "Karimi" not in answer.text


async def test_a_mistake_is_reported_at_its_field_and_nothing_typed_is_lost(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        form = {
            "csrf": await csrf_of(adam),
            "birthday": "the other day",
            "balance": "much",
            "emails": "nobody",
            "number": "none",
            "notes": "kept <as> typed",
        }
        page = await adam.post("/customers/new", data=form)
    assert page.status_code == 422
    for field in ("birthday", "balance", "emails", "number", "names"):
        assert f'id="{field}-wrong"' in page.text
    assert "kept &lt;as&gt; typed" in page.text
    assert 'value="the other day"' in page.text


async def test_a_new_customer_is_on_file_with_the_number_as_understood(office: Running) -> None:
    async with await office.client("alice") as alice:
        form = {
            "csrf": await csrf_of(alice),
            "name_fa_given": "مینا",
            "name_fa_family": "رضایی",
            "number": "۰۹۱۲ ۵۵۵ ۰۰۰۱",
            "label": "mobile",
            "birthday": "۱۳۶۶/۵/۱۲",
        }
        answer = await alice.post("/customers/new", data=form)
        assert answer.status_code == 303, answer.text
        text = (await alice.get(answer.headers["location"])).text
    assert "+98 912 555 0001" in text
    assert "1987-08-03" in text


async def test_a_file_changed_meanwhile_is_not_overwritten_unseen(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("alice") as alice:
        form = {"csrf": await csrf_of(alice), "name_en_given": "Late", "version": "1.0"}
        page = await alice.post(f"/customers/{customer_id}/edit", data=form)
        assert page.status_code == 422
        assert "Someone else has changed this record" in page.text
        assert "Late" not in (await alice.get(f"/customers/{customer_id}")).text


@pytest.mark.parametrize("path", ["/customers/999999", "/customers/999999/edit", "/customers/0"])
async def test_a_missing_customer_is_not_found(office: Running, path: str) -> None:
    async with await office.client("alice") as alice:
        assert (await alice.get(path)).status_code in {404, 422}


@pytest.mark.parametrize(
    ("path", "field", "label"),
    [
        ("/customers/new", "birthday", "Birthday"),
        ("/customers/{}/trips/new", "departs", "Departs"),
        ("/customers/{}/cases/new", "promised_for", "Promised for"),
    ],
)
async def test_a_wrong_day_is_reported_with_the_fields_name_and_an_example(
    office: Running, path: str, field: str, label: str
) -> None:
    customer = await put_on_file(office)
    async with await office.client("adam") as adam:
        form = {"csrf": await csrf_of(adam), field: "1402/12/30"}  # no leap year
        page = await adam.post(path.format(customer), data=form)
    assert page.status_code == 422
    error = re.search(rf'id="{field}-wrong".*?<span>([^<]*)</span>', page.text, re.DOTALL)
    assert error is not None
    assert error[1].startswith(f"{label}: ")
    assert "1987-08-03" in error[1]
    assert 'value="1402/12/30"' in page.text
