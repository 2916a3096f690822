"""Limits of a connection to the PBX: each at the limit, and one beside it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from screenpop.ami.action_encoding import MAX_HEADERS, encode_action
from screenpop.ami.config import AmiConfig
from screenpop.ami.errors import AmiConnectionError, UnsafeActionError
from screenpop.ami.problem_codes import ProblemCode
from screenpop.ami.read_buffer import MessageBatch
from screenpop.ami.session import AmiSession
from screenpop.asterisk.ami_framing import BadMessage, BadReason
from screenpop.telephony.identifiers import PbxId
from tests.ami.conftest import ManagerMaker, ServerMaker
from tests.ami.server_scripts import stay
from tests.ami.speaking_server import Connection

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("beside", "is_sent"), [(-1, True), (0, True), (1, False)])
def test_an_action_has_at_most_as_many_headers_as_asterisk_reads(
    beside: int, is_sent: bool
) -> None:
    variables = ["a=1"] * (MAX_HEADERS + beside)
    if is_sent:
        assert encode_action({"Variable": variables}).count(b"\r\n") == len(variables) + 1
        return
    with pytest.raises(UnsafeActionError):
        encode_action({"Variable": variables})


@pytest.mark.parametrize(("length", "is_read"), [(255, True), (256, True), (257, False)])
async def test_a_greeting_has_at_most_256_bytes(
    serve: ServerMaker, make_manager: ManagerMaker, length: int, is_read: bool
) -> None:
    """Of a version that is too old, or longer and of no known program."""

    def script(connection: Connection) -> None:
        connection.send_messages(b"Asterisk Call Manager/1.3".ljust(length) + b"\n")
        stay(connection)

    manager, _ = make_manager(serve(script))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(manager.connect)
    code = ProblemCode.TOO_OLD if is_read else ProblemCode.NOT_ASTERISK
    assert caught.value.problem.code is code


@pytest.mark.parametrize(("bad", "logged"), [(99, 99), (100, 100), (101, 100)])
async def test_the_first_hundred_bad_messages_of_a_connection_are_logged(
    bad: int, logged: int
) -> None:
    address = AmiConfig(pbx=PbxId("p"), host="::1", port=1, username="u", secret="secret")
    with ThreadPoolExecutor(1) as workers:
        session = AmiSession(
            address,
            wanted=None,
            on_messages=lambda *_: None,
            on_snapshot=lambda *_: None,
            on_state=lambda *_: None,
            workers=workers,
            clock=lambda: 0.0,
            most_waiting=9,
            unhandled=lambda: 0,
        )
        with capture_logs() as lines:
            message = BadMessage(BadReason.OVERSIZED, b"x")
            session._arrived(MessageBatch([], 0.0, bad=(message,) * bad))
    assert len([line for line in lines if line["event"] == "ami message bad"]) == logged
