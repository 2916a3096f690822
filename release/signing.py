"""``SHA256SUMS`` of the packages, and its signature by an SSH key, checked by ssh-keygen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from release.wheels import file_sum

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
PURPOSE = "screenpop-release"
"""The namespace of the signature: one that was made for anything else is refused."""


def write_sums(folder: Path) -> Path:
    """Write the checksums of all files of a folder into ``SHA256SUMS`` there; return its path.

    A signature of earlier checksums is removed.
    """
    (folder / SIGNATURE).unlink(missing_ok=True)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    sums = folder / SUMS
    sums.write_text("".join(f"{file_sum(path)}  {path.name}\n" for path in files), "utf-8")
    return sums


def sign(sums: Path, key: Path) -> Path:
    """Sign ``SHA256SUMS`` with a private SSH key; return the path of the signature.

    A public key signs with the agent that has the private one. Raises ``SystemExit`` with
    the messages of ssh-keygen.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SystemExit(
            "ssh-keygen is missing. On Debian and Ubuntu: apt-get install openssh-client"
        )
    done = subprocess.run(
        [program, "-Y", "sign", "-f", key, "-n", PURPOSE, sums],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{sums} is not signed: {done.stderr.strip()}")
    return sums.with_name(SIGNATURE)
