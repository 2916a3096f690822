"""Unpacks Debian packages with all they depend on into a folder, without installing anything."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from pbx_lab.errors import LabMissingError
from pbx_lab.versions import Root

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))


def debian_mirror() -> str:
    """The Debian mirror this machine itself uses."""
    named = os.environ.get("PBX_LAB_DEBIAN_MIRROR")
    if named:
        return named
    files = [SOURCES[0], *sorted(SOURCES[1].glob("*"))] if SOURCES[1].is_dir() else [SOURCES[0]]
    for file in files:
        if not file.is_file():
            continue
        for address in re.findall(
            r"^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(\S+)", file.read_text(), re.MULTILINE
        ):
            if re.search(r"/debian/?$", address):
                return str(address)
    raise LabMissingError(
        "No Debian mirror in this machine's apt sources. "
        "Name one: export PBX_LAB_DEBIAN_MIRROR=<address of a Debian mirror>"
    )


def unpack(root: Root) -> None:
    """Fill the root's folder from the mirror, unless a whole one is already there.

    Processes that want the same root wait for the first. Raises ``LabMissingError``.
    """
    if is_unpacked(root):
        return
    root.path.parent.mkdir(parents=True, exist_ok=True)
    with root.path.with_name(f"{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_unpacked(root):
            unpack_now(root)


def unpack_now(root: Root) -> None:
    """Fill the root's folder; called by the holder of the lock."""
    require_tools()
    work = root.path.with_name(root.path.name + ".apt")
    fresh = root.path.with_name(root.path.name + ".new")
    for folder in (work, fresh, root.path):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        download(root, work)
        require_version(root, work)
        merge(work, fresh, root.leave_out)
        (fresh / "PACKAGES").write_text(receipt(root))
        fresh.rename(root.path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(fresh, ignore_errors=True)


def is_unpacked(root: Root) -> bool:
    """Whether the cache holds the whole of this root, of these packages."""
    mark = root.path / "PACKAGES"
    return (
        mark.is_file() and mark.read_text() == receipt(root) and any(root.path.glob(root.program))
    )


def receipt(root: Root) -> str:
    """What is written into a root when it is complete."""
    return f"{root.suite}: {' '.join(root.packages)}\n"


def require_tools() -> None:
    """Refuse early, naming the remedy, when the machine cannot unpack packages."""
    for tool, package in (("apt-get", "apt"), ("dpkg-deb", "dpkg"), ("tar", "tar")):
        if shutil.which(tool) is None:
            raise LabMissingError(
                f"{tool} is missing. On Debian and Ubuntu: apt-get install {package}"
            )
    if not KEYRING.is_file():
        raise LabMissingError(
            f"{KEYRING} is missing. On Debian and Ubuntu: apt-get install debian-archive-keyring"
        )


def download(root: Root, work: Path) -> None:
    """Let apt fetch the packages and all they depend on, as if nothing were installed yet."""
    for folder in (
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
        "etc/apt/trusted.gpg.d",
        "var/lib/apt/lists/partial",
        "var/lib/dpkg",
        "var/cache/apt/archives/partial",
        "var/log/apt",
    ):
        (work / folder).mkdir(parents=True)
    status = work / "var/lib/dpkg/status"
    status.touch()
    source = f"deb [signed-by={KEYRING}] {debian_mirror()} {root.suite} main\n"
    (work / "etc/apt/sources.list").write_text(source)
    options = [
        f"Dir={work}",
        f"Dir::State::status={status}",
        "APT::Install-Recommends=false",
        f"APT::Architecture={architecture()}",
        "APT::Sandbox::User=root",
        "Acquire::Languages=none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
        "Acquire::Retries=3",
    ]
    apt = ["apt-get", "-qq", "-y", *(word for option in options for word in ("-o", option))]
    run([*apt, "update"], f"the package list of Debian {root.suite}")
    run([*apt, "--download-only", "install", *root.packages], " and ".join(root.packages))


def architecture() -> str:
    """Debian's name for this machine's kind of processor."""
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "amd64"


def require_version(root: Root, work: Path) -> None:
    """Debian's suites move on; an older major version than expected is no use."""
    name = root.packages[0]
    if not root.at_least:
        return
    for package in (work / "var/cache/apt/archives").glob(f"{name}_*.deb"):
        version = unquote(package.name.split("_")[1]).rpartition(":")[2]
        if int(version.partition(".")[0]) < root.at_least:
            raise LabMissingError(
                f"Debian {root.suite} now has {name} {version}, the lab needs {root.at_least} "
                "or later: name another suite in pbx_lab/versions.py"
            )


def run(command: list[str], what: str) -> None:
    """Run apt; its own words are in the error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabMissingError(
            f"Could not fetch {what} from this machine's Debian mirror:\n{done.stderr.strip()}\n"
            "Try: apt-get update"
        )


def merge(work: Path, target: Path, leave_out: Sequence[str] = ()) -> None:
    """Lay the content of every package over one tree; no maintainer script runs."""
    for folder in ("bin", "sbin", "lib", "lib64"):
        (target / "usr" / folder).mkdir(parents=True)
        (target / folder).symlink_to(f"usr/{folder}")
    for package in sorted((work / "var/cache/apt/archives").glob("*.deb")):
        if package.name.split("_")[0] in leave_out:
            continue
        with subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
        ) as content:
            subprocess.run(
                ["tar", "-x", "-C", target, "--keep-directory-symlink"],
                stdin=content.stdout,
                check=True,
            )
    for folder in ("proc", "dev", "tmp", "sys", "run"):
        (target / folder).mkdir(exist_ok=True)
