"""The pyst2 manager connects: addresses, greetings that are none, TLS."""

import asyncio
import hashlib
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from screenpop.ami.config import AmiTimeouts, AmiTls
from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.problem_codes import ProblemCode
from tests.ami.conftest import ManagerMaker, ServerMaker
from tests.ami.server_scripts import send_banner_and, stay
from tests.ami.speaking_server import (
    BANNER,
    Connection,
    Pbx,
    event,
    make_certificate,
)

pytestmark = pytest.mark.anyio


SOON = AmiTimeouts(connect_limit=0.3, login_limit=0.3, reply_limit=0.3, ping_limit=0.3)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_it_speaks_both_families(
    serve: ServerMaker, make_manager: ManagerMaker, host: str
) -> None:
    door, _ = make_manager(serve(Pbx(), host=host))
    await asyncio.to_thread(door.connect)
    await asyncio.to_thread(door.log_in)


async def test_a_name_with_two_addresses_is_tried_to_the_end(
    serve: ServerMaker, make_manager: ManagerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, addresses = socket.getaddrinfo, ("127.0.0.9", "127.0.0.1")  # the first refuses

    def two_addresses(name: str, *arguments: object, **options: object) -> list[Any]:
        names = addresses if name == "pbx.example" else (name,)
        found = (look_up(address, *arguments, **options) for address in names)  # type: ignore[arg-type]
        return [entry for entries in found for entry in entries]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    manager, _ = make_manager(serve(Pbx()), host="pbx.example")
    await asyncio.to_thread(manager.connect)


async def test_a_closed_port_is_refused(serve: ServerMaker, make_manager: ManagerMaker) -> None:
    server = serve(Pbx())
    server.close()
    door, _ = make_manager(server)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.REFUSED


@pytest.mark.parametrize("host", ["unknown", "two..dots", "x" * 64])
async def test_a_name_that_is_unknown_or_none_is_unreachable(
    serve: ServerMaker,
    make_manager: ManagerMaker,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    look_up = socket.getaddrinfo

    def offline(name: str, *arguments: object, **options: object) -> object:
        if name == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    door, _ = make_manager(serve(Pbx()), host=host)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.UNREACHABLE


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", ProblemCode.NOT_ASTERISK),
        (b"\x15\x03\x01\x00\x02\x02\x16", ProblemCode.NOT_ASTERISK),
        (b"Asterisk Call Manager" + b"!" * 400, ProblemCode.NOT_ASTERISK),
        (b"Asterisk Call Manager/1.3\r\n", ProblemCode.TOO_OLD),
        (b"", ProblemCode.TIMED_OUT),
        (b"Asterisk Call", ProblemCode.TIMED_OUT),
    ],
)
async def test_what_is_no_asterisk_is_found_at_the_greeting(
    serve: ServerMaker, make_manager: ManagerMaker, first: bytes, code: ProblemCode
) -> None:
    def script(connection: Connection) -> None:
        connection.send_messages(first)
        stay(connection)

    door, _ = make_manager(serve(script), timing=SOON)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is code
    assert len(str(caught.value)) < 300


async def test_a_peer_that_hangs_up_at_once_is_closed(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, _ = make_manager(serve(lambda connection: None))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.CLOSED


async def test_mallory_sends_garbage_and_the_next_event_arrives(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    garbage = bytes(range(256)) * 1000 + b"\r\n\r\n"
    half = b"Event: DialBegin\r\nno colon\r\n\r\n"
    long = b"Event: DialBegin\r\nCallerIDName: " + b"a" * 9000 + b"\r\n\r\n"
    door, ear = make_manager(serve(send_banner_and(garbage, half, long, event("Hangup"))))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.events)
    assert ear.events == ["Hangup"]
    assert (door.counters.oversized, door.counters.malformed) == (2, 1)
    assert len([bad for batch in ear.batches for bad in batch.bad]) == 3


@pytest.mark.defends("ami-tls")
async def test_a_pinned_certificate_is_enough_and_another_is_not(
    serve: ServerMaker, make_manager: ManagerMaker, tmp_path: Path
) -> None:
    pem = make_certificate(tmp_path)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "certificate.pem").read_text())
    pin = hashlib.sha256(der).hexdigest().upper()
    server = serve(Pbx(), certificate=pem)
    door, ear = make_manager(
        server, tls=AmiTls(pin_sha256=":".join(pin[i : i + 2] for i in range(0, 64, 2)))
    )
    await asyncio.to_thread(door.connect)
    await asyncio.to_thread(door.log_in)
    connection = await asyncio.to_thread(server.next_connection)
    connection.send_messages(event("Hangup", Big="x" * 7000) * 50)
    await ear.until(lambda ear: ear.events.count("Hangup") == 50)
    assert (await asyncio.to_thread(door.ping))["Ping"] == "Pong"

    door, _ = make_manager(server, tls=AmiTls(pin_sha256="00" * 32))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.WRONG_CERTIFICATE
    assert caught.value.problem.params["got"] == pin.lower()


@pytest.mark.defends("ami-tls")
async def test_a_certificate_of_an_own_authority_is_checked_with_its_name(
    serve: ServerMaker, make_manager: ManagerMaker, tmp_path: Path
) -> None:
    pem = make_certificate(tmp_path, "DNS:pbx.lan")
    authority = str(tmp_path / "certificate.pem")
    server = serve(Pbx(), certificate=pem)
    door, _ = make_manager(server, tls=AmiTls(ca_file=authority, server_name="pbx.lan"))
    await asyncio.to_thread(door.connect)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for tls, code in (
        (AmiTls(ca_file=authority), ProblemCode.CERTIFICATE_NAME),
        (AmiTls(), ProblemCode.CERTIFICATE_UNKNOWN),
        (AmiTls(ca_file="/no/such/file.pem"), ProblemCode.CA_FILE),
        (AmiTls(ca_file=str(empty)), ProblemCode.CA_FILE),
    ):
        door, _ = make_manager(server, tls=tls)
        with pytest.raises(AmiConnectionError) as caught:
            await asyncio.to_thread(door.connect)
        assert caught.value.problem.code is code


async def test_a_tls_port_asked_without_tls_is_distinguished_from_a_silent_one(
    serve: ServerMaker, make_manager: ManagerMaker, tmp_path: Path
) -> None:
    server = serve(Pbx(), certificate=make_certificate(tmp_path))
    door, _ = make_manager(server, timing=SOON)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.PORT_IS_TLS


@pytest.mark.parametrize(
    ("first", "code"),
    [(b"", ProblemCode.TIMED_OUT), (BANNER, ProblemCode.PORT_IS_PLAIN)],
)
async def test_tls_to_a_plain_port_fails_in_time(
    serve: ServerMaker, make_manager: ManagerMaker, first: bytes, code: ProblemCode
) -> None:
    def script(connection: Connection) -> None:
        connection.send_messages(first)
        connection.hear()

    door, _ = make_manager(serve(script), timing=SOON, tls=AmiTls(pin_sha256="00" * 32))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is code
