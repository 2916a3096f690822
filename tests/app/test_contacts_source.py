"""Contacts of another program, read on a timer: kept when they change, never replaced by junk."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from screenpop.app.contacts_source import SENTENCES, ContactsSource
from screenpop.app.import_jobs.service import ImportConfig
from screenpop.app.watched_folder import WatchedFolder
from screenpop.settings.caller_source import ContactsSettings
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.customers.queries import list_customers
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.app.source_server import SourceServer, source_server

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/vcard\r\n\r\n"


def card(given: str, family: str, number: str) -> bytes:
    lines = ("BEGIN:VCARD", "VERSION:3.0", f"N:{family};{given};;;", f"FN:{given} {family}")
    return "\r\n".join((*lines, f"TEL;TYPE=CELL:{number}", "END:VCARD", "")).encode()


LALEH, NIKOS = card("Laleh", "Karimi", "6912345678"), card("Nikos", "Pappas", "6912345679")


def contacts(server: SourceServer, folder: Path, **more: object) -> ContactsSource:
    values = {"url": server.url.partition("?")[0], "private_http": True} | more
    return ContactsSource(ContactsSettings(**values), folder)  # type: ignore[arg-type]


async def names(database: Database) -> list[str]:
    found = await list_customers(database)
    return sorted(row.customer.names["en"].family for row in found.rows)


async def test_contacts_come_in_once_and_again_when_they_change(
    database: Database, tmp_path: Path
) -> None:
    def import_context(currency: str) -> ImportContext:
        return ImportContext(NumberPlan(Region("GR"), "210"), date(2026, 11, 22), currency)

    (tmp_path / "imports").mkdir()
    address = f"sqlite:///{tmp_path / 'screenpop.db'}"
    places = (tmp_path / "imports", tmp_path / "lock")
    bureau = ImportConfig(database, address, *places, import_context, lambda: 1_700_000_000.0)
    async with source_server(HEAD + LALEH) as server:
        source = contacts(server, tmp_path)
        watch = WatchedFolder(bureau, source.folder)
        for answer, changed, families in (
            (LALEH, True, ["Karimi"]),
            (LALEH, False, ["Karimi"]),
            (LALEH + NIKOS, True, ["Karimi", "Pappas"]),
        ):
            server.answer = HEAD + answer
            assert await source.look() is changed
            await watch.look()
            await watch.look()
            assert await names(database) == families
    assert "Accept: text/vcard" in server.heads[0]


async def test_an_answer_that_is_no_vcard_file_replaces_nothing_and_is_logged_once(
    tmp_path: Path,
) -> None:
    async with source_server(HEAD + LALEH) as server:
        source = contacts(server, tmp_path)
        assert await source.look()
        with capture_logs() as logs:
            for code, answer in (
                ("type", HEAD + b"<html>Log in</html>"),
                ("type", HEAD + b"<html>Log in</html>"),
                ("type", HEAD),
                ("status", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
                ("status", b"HTTP/1.1 500 Oops\r\n\r\n"),
                ("too_large", HEAD[:-2] + b"Content-Length: 99999999\r\n\r\n"),
                ("no_http", b"nonsense\r\n\r\n"),
            ):
                server.answer = answer
                assert not await source.look()
                assert source.problem == code
        assert len(logs) == 4
        assert all("{" not in str(one["event"]) for one in logs)
        assert (source.folder / "contacts.vcf").read_bytes() == LALEH
        keys = tmp_path / "headers"
        keys.write_text("A: b")
        keyless = contacts(server, tmp_path, headers_file=keys)
        keys.unlink()
        assert not await keyless.look()
        assert keyless.problem == "headers"
        server.answer = HEAD + b"\xef\xbb\xbf" + NIKOS
        assert await source.look()
        assert source.problem == ""
    assert not await source.look()
    assert source.problem == "unreachable"
    assert {"slow", "address"} <= set(SENTENCES)
    elsewhere = ContactsSettings(url="https://crm.example.com/book.vcf")
    public = elsewhere.model_copy(update={"url": "http://8.8.8.8/book.vcf", "private_http": True})
    refused = ContactsSource(public, tmp_path)
    assert not await asyncio.wait_for(refused.look(), 20)
    assert refused.problem == "address"
