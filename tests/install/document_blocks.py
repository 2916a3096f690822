"""The code blocks of install.md, operations.md and upgrade.md, and how each of them is played."""

from dataclasses import dataclass
from enum import Enum, auto
from textwrap import dedent

from release.lock_file import ROOT

PAGES = ("install", "operations", "upgrade")


class Way(Enum):
    """How ``test_documents.py`` plays a block."""

    COMMANDS = auto()
    """As it is written, each line in the network that it needs."""
    FILE = auto()
    """Written into the file that its first line names, with the name of the certificate."""
    SETTINGS = auto()
    """Written into the settings, before what is there."""
    OTHER_SETTINGS = auto()
    """Settings of their own, with which a command must start."""
    CRON = auto()
    """The command of the line, without its times."""
    PACKAGE = auto()
    """By ``test_deb.py``, with the name of the package that was built."""
    PACKAGE_BACK = auto()
    """By ``test_systemd.py``, with the name of the package that was built."""
    SYSTEMD = auto()
    """By ``test_systemd.py``: a systemd is needed."""
    WHEELHOUSE = auto()
    """By ``test_wheelhouse.py``."""
    SIGNATURE = auto()
    """By ``tests/release/test_signing.py``."""
    LOGROTATE = auto()
    """By ``tests/operation/test_log_rotation.py``: Debian 13 installs systemd with logrotate."""
    PROMETHEUS = auto()
    """By ``tests/operation/test_promtool.py``: promtool reads it."""
    NOT = auto()
    """Not played; ``NOT_PLAYED`` has the reason."""


OTHERS = {
    'data_dir = "/var/lib/screenpop"': Way.OTHER_SETTINGS,
    "apt-get install ./screenpop": Way.PACKAGE,
    "dpkg --unpack ./screenpop": Way.PACKAGE_BACK,
    "# /etc/systemd/journald.conf.d/": Way.SYSTEMD,
    "# systemctl edit screenpop": Way.SYSTEMD,
    "tar -xf screenpop": Way.WHEELHOUSE,
    "cat asterisk-files/manager.d/": Way.COMMANDS,
    "# /etc/nginx/": Way.FILE,
    "# /etc/caddy/": Way.FILE,
    "# /etc/logrotate.d/": Way.LOGROTATE,
    "public_origins =": Way.SETTINGS,
    "17 4 * * 1": Way.CRON,
    "ssh-keygen -Y verify": Way.SIGNATURE,
    "# prometheus.yml": Way.PROMETHEUS,
}
"""How blocks begin that are no commands, or not played as they are written."""
NOT_PLAYED = {
    "secret=$(sudo cat": "somebody must call in that minute; tests/cli plays replay",
    "option httpchk": "a load balancer of the office's own; tests/web asks the port it names",
    "make wheelhouse": "no container engine; test_container.py plays the lines of the Dockerfile",
}
"""How blocks begin that no test plays, and why."""


@dataclass(frozen=True)
class Block:
    page: str
    section: str
    language: str
    """Of a fenced block; empty for none, and for an indented one."""
    text: str

    @property
    def way(self) -> Way:
        """Return how it is played. Raises ``LookupError`` for a block that has no way yet."""
        if self.text.startswith(tuple(NOT_PLAYED)):
            return Way.NOT
        found = next((way for start, way in OTHERS.items() if self.text.startswith(start)), None)
        if found is None and self.language != "sh":
            raise LookupError(f"{self.page}.md, {self.section}: {self.text}")
        return found or Way.COMMANDS


def blocks(page: str) -> list[Block]:
    """Return the fenced and the indented blocks of a document, in their order."""
    found: list[Block] = []
    section, before = "", ""
    fence: str | None = None
    kept: list[str] = []
    for line in [*(ROOT / "docs" / f"{page}.md").read_text("utf-8").splitlines(), ""]:
        if fence is not None:
            if line.strip() == "```":
                found.append(Block(page, section, fence, _without_indent(kept)))
                fence, kept = None, []
            else:
                kept.append(line)
        elif line.startswith("    ") and (kept or not before):
            kept.append(line)
        else:
            if kept:
                found.append(Block(page, section, "", _without_indent(kept)))
                kept = []
            if line.lstrip().startswith("```"):
                fence = line.strip().removeprefix("```")
            elif line.startswith("#"):
                section = line.lstrip("# ")
        before = line
    return found


def _without_indent(lines: list[str]) -> str:
    return dedent("".join(f"{line}\n" for line in lines))
