"""``make audit``: licences of the server's packages, and vulnerabilities that are known of them.

pip-audit runs in an environment of its own, so that it changes no locked package. It asks the
package index for advisories; where that does not answer, this part is skipped with its command.
"""

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.lock_file import LOCK, ROOT, read_lock
from tests.security.licences import refused_licences

ENVIRONMENT = ROOT / ".cache/audit"
PIP_AUDIT = "pip-audit==2.10.1"
LONGEST_S = 600
ARGUMENTS = ("--requirement", str(LOCK), "--disable-pip", "--require-hashes", "--format", "json")


def audit() -> int:
    """Print licences and vulnerabilities; return 1 where one of them is refused, else 0."""
    refused = refused_licences(read_lock(LOCK.read_text("utf-8")))
    _print("licences: " + ("; ".join(refused) or "all are in the list"))
    try:
        answer = ask(find_pip_audit())
    except (OSError, subprocess.SubprocessError) as error:
        return skip(str(error), bool(refused))
    read = read_answer(answer.stdout)
    if read is None:
        return skip(answer.stderr.strip()[-600:], bool(refused))
    for line in read.vulnerabilities:
        _print(f"vulnerability: {line}")
    if read.unanswered:
        names = ", ".join(read.unanswered)
        reason = f"The index has no answer for {len(read.unanswered)} packages: {names}"
        return skip(reason, bool(refused or read.vulnerabilities))
    _print(f"vulnerabilities: {len(read.vulnerabilities)} of {read.packages} packages")
    return int(bool(refused or read.vulnerabilities))


def find_pip_audit() -> Path:
    """Return the program, installed where it was not.

    Raises:
        subprocess.SubprocessError: the package index does not answer.
    """
    program = ENVIRONMENT / "bin/pip-audit"
    if not program.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        pip = [str(ENVIRONMENT / "bin/pip"), "install", "-qq", PIP_AUDIT]
        subprocess.run(pip, check=True, timeout=LONGEST_S, stdin=subprocess.DEVNULL)
    return program


def ask(program: Path) -> subprocess.CompletedProcess[str]:
    """Return the run of pip-audit on the lock of the server; it exits with 1 for two reasons."""
    return subprocess.run(
        [program, *ARGUMENTS, "--progress-spinner", "off", "--timeout", "15"],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        stdin=subprocess.DEVNULL,
    )


@dataclass(frozen=True)
class Answer:
    packages: int
    """How many packages were asked about."""
    vulnerabilities: tuple[str, ...]
    unanswered: tuple[str, ...]
    """Packages that the index does not know; pip-audit ends as if they were safe."""


def read_answer(text: str) -> Answer | None:
    """Return the answer of pip-audit in JSON; ``None``: it could not ask."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError):
        return None
    lines = (
        f"{package['name']} {package['version']}: {one['id']}, mended in "
        + (", ".join(one["fix_versions"]) or "no version")
        for package in packages
        for one in package.get("vulns", ())
    )
    unanswered = tuple(package["name"] for package in packages if "skip_reason" in package)
    return Answer(len(packages), tuple(lines), unanswered)


def skip(reason: str, is_refused: bool) -> int:
    """Print why the audit is not whole, and the command for a machine that can ask."""
    command = f"pip install {PIP_AUDIT} && pip-audit {' '.join(ARGUMENTS[:4])}"
    command = command.replace(str(LOCK), LOCK.name)
    _print(f"vulnerabilities: SKIPPED, as the advisories could not be asked for.\n{reason}")
    _print(f"Run where the package index answers: {command}")
    return int(is_refused)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
