"""XML phonebooks: what phones get, whom they do not get, and which token may be in an address."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from sqlalchemy import update

from screenpop.accounts.token_scopes import Scope
from screenpop.customers.models import PersonName
from screenpop.store.schema.tables import customers
from screenpop.web.lookup.phonebook import MOST_CUSTOMERS
from screenpop.web.server import server_config
from tests.web.lookup.test_lookup import add
from tests.web.running_server import Running, running
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio

BOOK = "/api/v1/phonebook.xml"


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("book"), real_pages=True) as up:
        await add(up.database, "+989123456789", {"fa": PersonName("لاله", "کریمی")})
        await add(up.database, "+302101234567", {"el": PersonName("Ελένη", "Παππά <&>\0\u202e")})
        for number, channel in (("+989121110000", "phone"), ("+989121110001", "data")):
            refused = await add(up.database, number, {"en": PersonName("No", channel)})
            consents = {channel: {"given": False}}
            async with up.database.writing() as connection:
                await connection.execute(
                    update(customers).where(customers.c.id == refused).values(consents=consents)
                )
        yield up


async def book(office: Running, path: str = BOOK, **query: str) -> str:
    token = await make_token(office, Scope.PHONEBOOK_READ)
    async with office.browser(**bearer(token)) as phone:
        answer = await phone.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    return answer.text


def read(text: str) -> Element:
    return fromstring(text)  # noqa: S314 -- our own


async def test_each_brand_gets_its_own_format_with_numbers_as_dialled(office: Running) -> None:
    yealink = read(await book(office, ascii="true"))
    assert yealink.tag == "YealinkIPPhoneDirectory"
    entries = {one.findtext("Name"): one.findtext("Telephone") for one in yealink}
    assert entries == {"Laleh Krimi": "09123456789", "Eleni Pappa <&>": "00302101234567"}
    snom = read(await book(office, format="snom", language="fa"))
    assert snom.tag == "SnomIPPhoneDirectory"
    assert snom.findtext("Title") == "Screenpop"
    assert "لاله کریمی" in {one.findtext("Name") for one in snom.iter("DirectoryEntry")}
    for path, query in (
        (BOOK, {"format": "grandstream"}),
        ("/api/v1/phonebook/grandstream/phonebook.xml", {}),
    ):
        grandstream = read(await book(office, path, **query))
        assert grandstream.tag == "AddressBook"
        first = grandstream.find("Contact")
        assert first is not None
        assert first.findtext("Phone/accountindex") == "0"
        numbers = {one.text for one in grandstream.iter("phonenumber")}
        assert numbers == {"09123456789", "00302101234567"}


async def test_a_phonebook_is_searched_and_limited(office: Running) -> None:
    for search, names in (
        ("کریمی", 1),
        ("9123456789", 1),
        ("nobody", 0),
        ("#SEARCH", 2),
        ("", 2),
        ("' OR 1=1 --", 0),
        ("*", 0),
    ):
        found = read(await book(office, search=search))
        assert len(list(found)) == names, search
    assert len(list(read(await book(office, most="1")))) == 1
    token = await make_token(office, Scope.PHONEBOOK_READ)
    async with office.browser(**bearer(token)) as phone:
        for query in ({"most": "0"}, {"most": str(MOST_CUSTOMERS + 1)}, {"format": "x"}):
            assert (await phone.get(BOOK, params=query)).status_code == 422
        assert (await phone.get(BOOK, params={"most": str(MOST_CUSTOMERS)})).status_code == 200


@pytest.mark.defends("lookup-tokens")
async def test_a_token_is_in_the_address_of_a_phonebook_only_if_it_may_do_nothing_else(
    office: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alone = await make_token(office, Scope.PHONEBOOK_READ)
    more = await make_token(office, Scope.PHONEBOOK_READ, Scope.CUSTOMERS_READ)
    other = await make_token(office, Scope.CUSTOMERS_READ)
    async with office.browser() as phone:
        for path in (BOOK, "/api/v1/phonebook/snom/phonebook.xml"):
            assert (await phone.get(path, params={"token": alone})).status_code == 200
            for token in (more, other):
                refused = await phone.get(path, params={"token": token})
                assert refused.status_code == 403
                assert refused.json()["code"] == "token_in_address"
            for guess in (alone[:-1], "spop_", "x", ""):
                assert (await phone.get(path, params={"token": guess})).status_code == 401
        for path in ("/api/v1/customers", "/api/v1/calls", "/customers"):
            answer = await phone.get(path, params={"token": more})
            assert answer.status_code in {303, 401}, path
    # httpx is the client here. uvicorn's log of requests is off in the server's config.
    clients = ("httpx", "httpcore", "uvicorn.access")
    own = [record for record in caplog.records if not record.name.startswith(clients)]
    assert not server_config(office.web).access_log
    assert not [record for record in own if "spop_" in record.getMessage()]
