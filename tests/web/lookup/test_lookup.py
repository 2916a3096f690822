"""``/api/v1/lookup``: one number, one answer, in the form that a PBX or a program can read."""

import base64
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from httpx import Response
from sqlalchemy import insert

from screenpop.accounts.token_scopes import Scope
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName, Tier, Title
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import trips
from screenpop.telephony.identifiers import E164
from screenpop.web.lookup.api import LONGEST_NUMBER
from tests.web.running_server import Running, running
from tests.web.samples import NOON
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio

LOOKUP = "/api/v1/lookup"
TEMPLATES = Path(__file__).parents[3] / "docs" / "templates"
SHARED, MAYBE = "+982122223333", "+989351112233"


async def add(database: Database, number: str, names: dict[str, PersonName], **more: object) -> int:
    phone = PhoneDraft(number, E164(number), number[-9:], "mobile")
    draft = CustomerDraft(names=names, phones=(phone,), **more)  # type: ignore[arg-type]
    return await create_customer(database, draft, NOON)


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("lookup"), real_pages=True) as up:
        names = {"en": PersonName("Laleh", "Karimi"), "fa": PersonName("لاله", "کریمی")}
        await add(
            up.database, "+989123456789", names, title=Title.DR, tier=Tier.GOLD, language="fa"
        )
        for given in ("Ανδρέας", "Eleni"):
            await add(up.database, SHARED, {"el": PersonName(given, "Παππά")})
        hostile = PersonName('Bob"<sip:x>\r\nX-Evil: 1', "${SHELL(rm)}\u202e")
        await add(up.database, MAYBE, {"en": hostile})
        yield up


async def ask(office: Running, number: str, **query: str) -> Response:
    token = await make_token(office, Scope.LOOKUP_READ)
    async with office.browser(**bearer(token)) as program:
        return await program.get(LOOKUP, params={"number": number, **query})


async def test_a_certain_customer_is_named_with_title_tier_and_next_trip(office: Running) -> None:
    departs = datetime.now(UTC).date() + timedelta(days=9)
    trip = {"customer_id": 1, "destination": "Rome", "product": "tour", "departs": departs}
    async with office.database.writing() as connection:
        await connection.execute(insert(trips).values(status="booked", **trip))
    answer = (await ask(office, "09123456789")).json()
    assert answer["name"] == "Dr Laleh Karimi"
    assert answer["text"] == f"Dr Laleh Karimi · Gold · Rome {departs}"
    assert answer["sure"] == "certain"
    assert answer["e164"] == "+989123456789"
    (customer,) = answer["customers"]
    assert (customer["tier"], customer["language"]) == ("gold", "fa")
    assert customer["next_trip"] == {
        "destination": "Rome",
        "departs": departs.isoformat(),
        "is_under_way": False,
    }
    persian = (await ask(office, "+98 912 345 6789", language="fa")).json()
    assert persian["name"] == "دکتر لاله کریمی"
    assert "طلایی" in persian["text"]
    short = (await ask(office, "09123456789", length="8")).json()
    assert short["name"] == "Dr Lale…"


async def test_a_number_of_several_customers_counts_and_names_them(office: Running) -> None:
    answer = (await ask(office, SHARED, language="el")).json()
    assert answer["sure"] == "shared"
    assert answer["name"].startswith("2 πελάτες: ")
    assert answer["text"] == answer["name"]
    assert len(answer["customers"]) == 2
    plain = await ask(office, SHARED, format="text", ascii="true")
    assert plain.text.startswith("2 customers: ")
    assert "Andreas Pappa" in plain.text
    assert plain.text.isascii()


async def test_a_number_that_matches_by_nine_digits_has_a_question_mark(office: Running) -> None:
    answer = (await ask(office, "+44 20 9123456789"[:3] + "123456789")).json()
    assert answer["sure"] in {"maybe", "none"}
    assert answer["name"] in {"Dr Laleh Karimi?", ""}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("", "unknown"),
        ("anonymous", "withheld"),
        ("*8", "service"),
        ("' OR 1=1 --", "raw"),
        ("\u202e\0 <script>", "raw"),
        ("9" * LONGEST_NUMBER, "unknown"),
        ("+١٢٣", "raw"),
    ],
)
async def test_a_caller_without_a_number_matches_no_customer(
    office: Running, number: str, kind: str
) -> None:
    answer = await ask(office, number)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["sure"], body["name"], body["customers"]) == ("none", "", [])
    assert body["kind"] == kind
    assert (await ask(office, number, format="text")).text == ""
    assert (await ask(office, number, format="contacts")).json() == {"contacts": []}


async def test_a_value_that_cannot_be_is_refused(office: Running) -> None:
    for query in ({"format": "xml"}, {"language": "de"}, {"length": "7"}, {"length": "201"}):
        refused = await ask(office, "1", **query)
        assert refused.status_code == 422, query
        assert refused.headers["content-type"] == "application/problem+json"
    assert (await ask(office, "9" * (LONGEST_NUMBER + 1))).status_code == 422


@pytest.mark.defends("lookup-tokens")
async def test_a_hostile_name_is_no_header_and_no_dialplan_for_a_pbx(office: Running) -> None:
    answer = await ask(office, MAYBE, format="text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "Bob sip:x X-Evil: 1 SHELL(rm)"


async def test_a_pbx_that_shows_any_body_as_a_name_gets_none_with_an_error(
    office: Running,
) -> None:
    """Asterisk's CURL() does not look at the status."""
    wrong = await make_token(office, Scope.CALLS_READ)
    for headers in (bearer("spop_guess"), bearer(wrong), {}):
        async with office.browser(**headers) as program:
            refused = await program.get(LOOKUP, params={"number": "1", "format": "text"})
            assert refused.status_code in {401, 403}
            assert refused.text == ""
            explained = await program.get(LOOKUP, params={"number": "1"})
            assert explained.headers["content-type"] == "application/problem+json"


async def test_a_pbx_may_send_its_token_as_a_password(office: Running) -> None:
    token = await make_token(office, Scope.LOOKUP_READ)
    for credentials, status in (
        (f"pbx:{token}", 200),
        (f":{token}", 200),
        (f"{token}:", 401),
        (f"pbx:{token[:-1]}", 401),
        ("pbx:secret", 401),
        ("pbx", 401),
    ):
        encoded = base64.b64encode(credentials.encode()).decode()
        async with office.browser(Authorization=f"Basic {encoded}") as pbx:
            assert (await pbx.get(f"{LOOKUP}?number=1")).status_code == status, credentials
    for broken in ("Basic", "Basic %%%", "Basic //79", "Basic " + "A" * 999):
        async with office.browser(Authorization=broken) as pbx:
            assert (await pbx.get(f"{LOOKUP}?number=1")).status_code == 401, broken
    async with office.browser() as stranger:
        answer = await stranger.get(LOOKUP, params={"number": "1", "token": token})
        assert answer.status_code == 401


def at(answer: object, path: str) -> object:
    """The value at a path such as ``contacts.first_name`` (3CX) or ``contacts.#.id`` (Yeastar)."""
    for part in path.split("."):
        if part == "#":
            continue
        if isinstance(answer, list):
            (answer,) = answer
        assert isinstance(answer, dict)
        answer = answer[part]
    return answer


def element(root: Element, path: str) -> Element:
    found = root.find(path)
    assert found is not None, path
    return found


def template(name: str) -> Element:
    return fromstring((TEMPLATES / f"{name}-crm-template.xml").read_bytes())  # noqa: S314 -- ours


async def test_the_templates_for_3cx_and_yeastar_read_what_the_lookup_answers(
    office: Running,
) -> None:
    answer = (await ask(office, "09123456789", format="contacts")).json()
    (contact,) = answer["contacts"]
    assert contact["first_name"] == "Laleh"
    assert contact["last_name"] == "Karimi"
    assert contact["url"] == f"{office.url}/customers/1"
    three = template("3cx")
    request = element(three, "Scenarios/Scenario/Request")
    assert request.attrib["Url"].endswith("/api/v1/lookup?format=contacts&number=[Number]")
    paths = [one.attrib["Path"] for one in three.iter("Variable")]
    yeastar = template("yeastar")
    paths += [one.attrib["Path"] for one in yeastar.iter("Output") if one.attrib["Path"]]
    assert len(paths) > 8
    for path in paths:
        assert isinstance(at(answer, path), str), path
    several = (await ask(office, SHARED, format="contacts")).json()
    assert at(several, "contacts.first_name").startswith("2 customers: ")  # type: ignore[attr-defined]
    assert json.dumps(several)
