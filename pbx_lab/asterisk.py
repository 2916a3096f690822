"""One running Asterisk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from pbx_lab.configuration import CHAN_SIP_PHONES, PHONES, PLAIN, Variant, write_configuration
from pbx_lab.errors import LabBrokenError
from pbx_lab.versions import Version

AMI_PORT = 5038
SILENCE = b"\xd5" * 800
SOUNDS = (
    "beep beeperr pbx-transfer pbx-invalid pbx-parkingfailed ss-noservice custom/welcome "
    "vm-intro vm-isunavail vm-isonphone vm-theperson vm-goodbye vm-msgsaved vm-rec-unv "
    "followme/call-with-name all-circuits-busy-now please-try-call-later "
    + " ".join(f"digits/{digit}" for digit in range(10))
).split()


class Asterisk:
    """Starts, controls and stops one Asterisk in the namespace of this process.

    The unpacked root is not changed: the folders Asterisk writes to are mounted over it, visible in
    this namespace only.
    """

    def __init__(self, version: Version, variant: Variant = PLAIN) -> None:
        self.version = version
        self.variant = variant
        self.folder = Path(tempfile.mkdtemp(prefix=f"asterisk-{version.name}-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.calls_over: set[str] = set()
        """SIP Call-IDs of plays that are over."""
        self.prepare()

    @property
    def log(self) -> Path:
        """Return the whole log of Asterisk."""
        return self.folder / "log/asterisk/full"

    def prepare(self) -> None:
        """Make the folders and mount them over the root."""
        root = self.version.root.path
        for name in ("etc", "lib/moh", "log/asterisk", "spool/asterisk", "run/asterisk"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "cache/asterisk").mkdir(parents=True, exist_ok=True)
        for sound in SOUNDS:
            file = self.folder / "sounds/en" / f"{sound}.alaw"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(SILENCE)
        (self.folder / "lib/moh/quiet.alaw").write_bytes(SILENCE * 100)
        write_configuration(self.version, self.variant, self.folder / "etc")
        for ours, theirs in (
            ("etc", "etc/asterisk"),
            ("lib", "var/lib/asterisk"),
            ("log", "var/log"),
            ("spool", "var/spool"),
            ("cache", "var/cache"),
            ("run", "run"),
            ("sounds", "usr/share/asterisk/sounds"),
        ):
            bind(self.folder / ours, root / theirs)
        bind(Path("/dev"), root / "dev")
        runtime = root / "var/run"
        if not runtime.is_symlink():
            bind(self.folder / "run", runtime)

    def start(self) -> float:
        """Boot, wait until it is ready, and return the seconds this took."""
        begun = time.monotonic()
        with (self.folder / "console").open("ab") as console:
            self.process = subprocess.Popen(
                ["chroot", self.version.root.path, "/usr/sbin/asterisk", "-f"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        while not self.accepts():
            if self.process.poll() is not None or time.monotonic() > begun + 30:
                raise LabBrokenError(f"Asterisk did not start:\n{self.last_words()}")
            time.sleep(0.01)
        self.run_console("core waitfullybooted")
        self.fill_database()
        return time.monotonic() - begun

    def accepts(self) -> bool:
        """Return whether the AMI port answers."""
        try:
            socket.create_connection(("127.0.0.1", AMI_PORT), 1).close()
        except OSError:
            return False
        return True

    def run_console(self, *commands: str) -> str:
        """Run commands on Asterisk's console and return the output of the last."""
        output = ""
        for command in commands:
            output = subprocess.run(
                ["chroot", self.version.root.path, "/usr/sbin/asterisk", "-rx", command],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            ).stdout
        return output

    def fill_database(self) -> None:
        """Fill Asterisk's own database as FreePBX does: users, their devices, how to dial them."""
        devices = {**PHONES, **(CHAN_SIP_PHONES if self.version.name == "16" else {})}
        commands = []
        for name in devices:
            technology = "SIP" if name in CHAN_SIP_PHONES else "PJSIP"
            user = name.removeprefix("99")
            commands += [
                f"database put DEVICE/{name} dial {technology}/{name}",
                f"database put DEVICE/{name} user {user}",
            ]
            if user == name:
                commands += [
                    f"database put AMPUSER/{name} device {name}",
                    f'database put AMPUSER/{name} cidname "Agent {name}"',
                ]
        self.run_console(*commands)

    def version_line(self) -> str:
        """Return Asterisk's own name and version."""
        return self.run_console("core show version").strip()

    def is_idle(self) -> bool:
        """Return whether no channel is left."""
        return "0 active channels" in self.run_console("core show channels")

    def stop(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def clean_up(self) -> None:
        """Delete every file it wrote."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def last_words(self) -> str:
        """Return the end of the log, for an error message."""
        texts = [
            "\n".join(
                line for line in file.read_text(errors="replace").splitlines() if "ERR" in line
            )
            for file in (self.folder / "console", self.log)
            if file.is_file()
        ]
        return "\n".join(texts)[-3000:]


def bind(ours: Path, theirs: Path) -> None:
    """Mount a folder over another, in this namespace."""
    theirs.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--rbind", ours, theirs], check=True)
