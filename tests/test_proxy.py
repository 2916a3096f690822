"""The sample configuration of nginx in ``docs/operations.md``, run as it is written but for TLS."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from screenpop.spreadsheets.reading.text_encoding import MOST_BYTES
from tests.browser.demo_server import DemoServer, free_port
from tests.tools import NGINX, library_path

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations.md"
UP_WITHIN_S = 30.0


def sample(port: int, server_port: int) -> str:
    """The page's own text, on loopback and without a certificate."""
    found = re.search(r"```nginx\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    text = found[1]
    assert "client_max_body_size" in text
    text = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", text)
    text = re.sub(r"^\s*ssl_.*\n", "", text, flags=re.MULTILINE)
    return text.replace("127.0.0.1:8080", f"127.0.0.1:{server_port}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    demo = DemoServer(tmp_path_factory.mktemp("demo") / "data")
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture(scope="module")
def proxy(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx before the demo."""
    program, folder, port = NGINX.ensure_for_test(), tmp_path_factory.mktemp("nginx"), free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"events {{}}\nhttp {{\naccess_log off;\n{paths}{sample(port, server.port)}}}\n"
    )
    environment = dict(os.environ)
    if NGINX.root.path in program.parents:
        environment["LD_LIBRARY_PATH"] = library_path(NGINX.root.path)
    process = subprocess.Popen(
        [program, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"],
        env=environment,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + UP_WITHIN_S
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            pytest.fail(f"nginx does not run: {process.communicate()[1].decode()}")
        time.sleep(0.1)  # no event: another process starts
    yield port
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False


def test_an_import_of_the_largest_size_passes_the_proxy(server: DemoServer, proxy: int) -> None:
    """It is refused for what it is, by Screenpop, and not for its size, by nginx."""
    token = (server.data / "token").read_text().strip()
    answer = httpx.post(
        f"http://127.0.0.1:{proxy}/api/v1/imports?name=large.csv",
        content=b"\0" * MOST_BYTES,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"},
        timeout=100,
    )
    assert answer.headers["content-type"].startswith("application/")
    assert answer.status_code in (201, 422), answer.text
    assert "nginx" not in answer.text


def test_a_websocket_passes_the_proxy(server: DemoServer, proxy: int) -> None:
    address = f"ws://127.0.0.1:{proxy}/ws/v1"
    with connect(address, origin=Origin(f"http://127.0.0.1:{proxy}"), proxy=None) as line:
        assert '"bye"' in str(line.recv(timeout=20))  # not logged in: closed with a message
