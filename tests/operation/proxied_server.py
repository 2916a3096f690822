"""A server with settings as behind a proxy, and the proxies before it, run by their samples."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser.demo_server import free_port
from tests.tools import CADDY, NGINX, environment_of

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("screenpop"))
NAME = "localhost"
UP_WITHIN_S = 60.0


@contextmanager
def office_behind(proxy_port: int, folder: Path) -> Iterator[int]:
    """Serve with settings as the page of operation has them; return the port of the server."""
    port = free_port()
    settings = folder / "screenpop.toml"
    settings.write_text(
        f'data_dir = "{folder / "data"}"\nbind_port = {port}\n'
        f'public_origins = ["https://{NAME}:{proxy_port}"]\ntrusted_proxies = ["127.0.0.1"]\n'
        '[number_plan]\nregion = "GR"\n[[pbx]]\nid = "office"\nusername = "x"\nsecret = "secret"\n'
        f"port = {free_port()}\n"
    )
    run(COMMAND, "migrate", "--settings", str(settings))
    with running([COMMAND, "serve", "--settings", str(settings)], port, folder / "server.log"):
        yield port


@contextmanager
def nginx(port: int, server_port: int, tls: Path, folder: Path) -> Iterator[None]:
    """Run nginx by the sample on a free port, with its files in the folder."""
    text = (ROOT / "packaging/nginx-screenpop.conf").read_text(encoding="utf-8")
    text = re.sub(r"listen 80;", f"listen 127.0.0.1:{free_port()};", text)
    text = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;", text)
    program = NGINX.ensure_for_test()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"events {{}}\nhttp {{\naccess_log off;\n{paths}{_here(text, server_port, tls)}}}\n"
    )
    command = [str(program), "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
    with running(command, port, folder / "nginx.log", environment_of(NGINX, program)):
        yield


@contextmanager
def caddy(
    port: int, server_port: int, tls: Path, folder: Path, *, own_authority: bool = False
) -> Iterator[None]:
    """Run Caddy by the sample on a free port, with its files in the folder.

    ``own_authority``: with the line ``tls internal`` instead of our certificate.
    """
    text = (ROOT / "packaging/Caddyfile").read_text(encoding="utf-8")
    text = text.replace("pop.example.com {", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1")
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    config = folder / "Caddyfile"
    sample = _here(text, server_port, tls)
    if own_authority:
        sample = re.sub(r"^\ttls .*$", "\ttls internal", sample, flags=re.MULTILINE)
    config.write_text(options + sample)
    program = CADDY.ensure_for_test()
    command = [str(program), "run", "--config", str(config), "--adapter", "caddyfile"]
    environment = environment_of(CADDY, program) | {"HOME": str(folder)}
    with running(command, port, folder / "caddy.log", environment):
        yield


def _here(text: str, server_port: int, tls: Path) -> str:
    """The sample with our names, ports and certificate."""
    assert "127.0.0.1:8080" in text
    assert "/tls/server.key" in text
    text = re.sub(r"/etc/(screenpop|caddy)/tls", str(tls), text.replace("pop.example.com", NAME))
    return text.replace("127.0.0.1:8080", f"127.0.0.1:{server_port}")


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a program until the block is left; wait until its port is open."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        until = time.monotonic() + UP_WITHIN_S
        while not _is_open(port):
            ended = process.poll() is not None or time.monotonic() > until
            assert not ended, log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)  # no event: another process starts
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def trusting(tls: Path) -> ssl.SSLContext:
    """A browser on which the office's authority is installed."""
    return ssl.create_default_context(cafile=str(tls / "screenpop-ca.crt"))


def _is_open(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
