"""A running server asked from the command line; here a small one with prepared answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from screenpop.simulator.api_client import ApiClientError, find_server

ANSWERS = {
    "/ok": (202, {"call": "1.1"}),
    "/off": (404, {"code": "simulator_off"}),
    "/token": (401, {"code": "bad_token"}),
    "/bad": (422, {"code": "bad_call", "detail": "to: no phone given"}),
    "/broken": (500, "not JSON"),
}


class Server(BaseHTTPRequestHandler):
    heard: list[tuple[str, str, object]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.append((self.path, self.headers["Authorization"], body))
        status, answer = ANSWERS[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write((answer if isinstance(answer, str) else json.dumps(answer)).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    Server.heard = []
    http = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def folder(tmp_path: Path, server: HTTPServer) -> Path:
    (tmp_path / "token").write_text("the-token-of-a-folder-0123456789abcdef\n")
    (tmp_path / "url").write_text(f"http://127.0.0.1:{server.server_port}\n")
    return tmp_path


def test_the_server_of_a_folder_is_asked_with_the_folders_token(folder: Path) -> None:
    assert find_server((folder,)).post("/ok", {"from": "0912"}) == {"call": "1.1"}
    assert Server.heard == [
        ("/ok", "Bearer the-token-of-a-folder-0123456789abcdef", {"from": "0912"})
    ]


def test_the_first_folder_in_which_a_server_ran_is_taken(folder: Path, tmp_path: Path) -> None:
    assert (
        find_server((tmp_path / "nothing", folder)).token
        == "the-token-of-a-folder-0123456789abcdef"
    )


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/off", "simulate = true"),
        ("/token", "--data"),
        ("/bad", "^to: no phone given$"),
        ("/broken", "500"),
    ],
)
def test_a_refusal_is_one_sentence_with_a_remedy(folder: Path, path: str, sentence: str) -> None:
    with pytest.raises(ApiClientError, match=sentence):
        find_server((folder,)).post(path, {})


def test_an_unreachable_server_is_reported(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t" * 43)
    with pytest.raises(ApiClientError, match="No Screenpop answers"):
        find_server((tmp_path,), "http://127.0.0.1:1").post("/ok", {})


def test_a_folder_without_a_server_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ApiClientError, match="--data"):
        find_server((tmp_path,))
    (tmp_path / "token").write_text("t" * 43)
    with pytest.raises(ApiClientError, match="No server runs"):
        find_server((tmp_path,))


def test_an_address_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(ApiClientError, match="http://"):
        find_server((folder,), "file:///etc/passwd")
