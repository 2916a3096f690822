"""The listening socket, and the sentences when there is none."""

import socket

import pytest

from screenpop.web.listen_socket import (
    SEND_BUFFER_BYTES,
    UNACKNOWLEDGED_MS,
    ListeningError,
    open_listening_socket,
)


def test_accepted_sockets_give_up_on_a_client_that_takes_nothing() -> None:
    with open_listening_socket("127.0.0.1", 0) as listening:
        listening.setblocking(True)
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                timeout = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
                assert timeout == UNACKNOWLEDGED_MS
                # The kernel doubles what it is asked for (socket(7)).
                buffer = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
                assert buffer == 2 * SEND_BUFFER_BYTES


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_accepted_sockets_send_an_answers_body_without_waiting_for_an_acknowledgement(
    address: str,
) -> None:
    with open_listening_socket(address, 0) as listening:
        listening.setblocking(True)
        with socket.create_connection(listening.getsockname()[:2]):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
                # asyncio looks at this before it sets the option itself, where it is not inherited.
                assert accepted.proto == socket.IPPROTO_TCP


def test_it_listens_on_ip_version_6_too() -> None:
    with open_listening_socket("::1", 0) as listening:
        assert listening.family == socket.AF_INET6


def test_a_taken_port_is_reported_with_a_remedy() -> None:
    with open_listening_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ListeningError, match=f"port {port} is already taken.*another port"):
            open_listening_socket("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("no.such.host.invalid", 80, "no address to listen on"),
        ("127.0.0.1", 70_000, "no address to listen on"),
        ("192.0.2.1", 0, "no such address"),
    ],
)
def test_an_impossible_address_is_reported(host: str, port: int, sentence: str) -> None:
    with pytest.raises(ListeningError, match=sentence):
        open_listening_socket(host, port)
