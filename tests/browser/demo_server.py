"""``screenpop demo`` as its own process, on a free port and a copy of a folder that it filled."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

COMMAND = os.environ.get("SCREENPOP", str(Path(sys.executable).with_name("screenpop")))
ZONE = "Asia/Tehran"
"""Of the computer that runs the demo, as of the browsers of conftest."""
UP_WITHIN_S = 60.0
DOWN_WITHIN_S = 15.0
LOGGED_WITHIN_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _look_again() -> None:
    time.sleep(0.2)  # no event: another process does the work


def filled_folder(shared: Path) -> Path:
    """Return the data folder of a demo that was started once and stopped, made in ``shared`` by
    the first of the processes that ask for it. Copy it; starting an empty one takes twice as long.
    """
    with (shared / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        data = shared / "filled"
        if not data.exists():
            demo = DemoServer(shared / "filling")
            demo.start()
            demo.stop()
            _score(demo.data)
            demo.data.rename(data)
    return data


def _score(data: Path) -> None:
    """Score the customers as the server would some seconds after its start, so that a card shows
    the same from the first test on."""
    settings = data.with_name("score.toml")
    settings.write_text(
        f'data_dir = "{data}"\ntimezone = "{ZONE}"\n[number_plan]\nregion = "IR"\n',
        encoding="utf-8",
    )
    subprocess.run([COMMAND, "score", "--settings", settings], check=True, capture_output=True)


class DemoServer:
    """Start it, stop it, start it again: the port and the folder stay the same."""

    def __init__(self, data: Path, filled: Path | None = None) -> None:
        """``filled``: the data folder to begin with, which is copied; without one an empty one."""
        if filled is not None:
            shutil.copytree(filled, data)
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                env={**os.environ, "TZ": ZONE},
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()  # a fixture that fails here has nothing to stop
            raise

    def command(self) -> list[str]:
        """Return how it is started."""
        # No calls by themselves: a test's call is the only one, and its phone is free.
        data = ("--port", str(self.port), "--data", str(self.data))
        return [COMMAND, "demo", *data, "--no-browser", "--no-calls"]

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a loss of power would, without a shutdown."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def play(self, **call: Any) -> None:
        """Play a call: ``from`` is written ``caller`` here. Without times of its own it rings, and
        then talks, until ``finish_calls``."""
        wanted = {"ring_s": 120, "talk_s": 120, **call, "from": call["caller"]}
        del wanted["caller"]
        self.ask("/api/v1/simulated-calls", wanted)

    def finish_calls(self) -> None:
        """Play every call that a test left ringing or talking to its end."""
        if self._process is not None:
            self._send("DELETE", "/api/v1/simulated-calls")

    def logged(self, search: str, disposition: str = "", after: float = 0) -> dict[str, Any]:
        """The newest such call of this number that came ``after``, as soon as it has ended."""
        until = time.monotonic() + LOGGED_WITHIN_S
        while time.monotonic() < until:
            answer = self.ask(f"/api/v1/calls?q={search}&disposition={disposition}")
            calls: list[dict[str, Any]] = answer["calls"]
            ended = calls and calls[0]["disposition"] != "in_progress"
            if ended and calls[0]["arrived_at"] >= after:
                return calls[0]
            _look_again()
        raise AssertionError(f"no call of {search} in the log")

    def begun(self, search: str) -> dict[str, Any]:
        """Return the newest call of this number, also one in progress, once the log has it."""
        until = time.monotonic() + LOGGED_WITHIN_S
        calls: list[dict[str, Any]] = []
        while not calls:
            assert time.monotonic() < until, f"no call of {search} in the log"
            _look_again()
            calls = self.ask(f"/api/v1/calls?q={search}")["calls"]
        return calls[0]

    def steps(self, search: str) -> list[str]:
        """The steps of the newest call of this number, as its trace has them."""
        detail = self.detail(self.logged(search)["id"])
        return [step["step"] for step in detail["trace"]]

    def detail(self, call: int) -> dict[str, Any]:
        """One call with all that happened, as the API has it."""
        return self.ask(f"/api/v1/calls/{call}")

    def noted(self, search: str) -> str:
        """The text of the one note on the newest call of this number, once the log has it and
        nothing newer has taken its place for a second."""
        until = time.monotonic() + LOGGED_WITHIN_S
        text, same = "", 0
        while same < 5 and time.monotonic() < until:
            notes = self.detail(self.logged(search)["id"])["notes"]
            found = notes[0]["text"] if len(notes) == 1 else ""
            same = same + 1 if found and found == text else 0
            text = found
            _look_again()
        return text

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer of the API: a GET, or a POST of this body."""
        data = None if body is None else json.dumps(body).encode()
        answer: dict[str, Any] = json.loads(self._send("POST" if body else "GET", path, data))
        return answer

    def _send(self, method: str, path: str, data: bytes | None = None) -> bytes:
        token = (self.data / "token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(  # noqa: S310 -- our own server on loopback
            self.url + path,
            data=data,
            method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            content: bytes = answer.read()
            return content

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310
                    if set(json.load(answer)["pbx"].values()) <= {"live"}:
                        return
                _look_again()
            except (urllib.error.URLError, OSError):
                _look_again()
        log = (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")
        raise RuntimeError(f"the demo did not come up:\n{log[-4000:]}")
