"""The RUN lines of the Dockerfile in fresh Debian roots, and its command on a read-only system."""

import json
import re
from pathlib import Path

from release.lock_file import ROOT
from tests.install.fresh_debian import fresh_debian
from tests.install.test_deb import SETTINGS

DOCKERFILE = (ROOT / "packaging/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
ENTER_READ_ONLY = """
mount --bind /etc/screenpop /etc/screenpop
mount --bind /var/lib/screenpop /var/lib/screenpop
mount -t tmpfs -o mode=1777 tmp /tmp
mount -o remount,bind,ro /
! touch /opt/screenpop/made 2>/dev/null
"""


def stages() -> list[list[str]]:
    """Return the RUN lines of each stage."""
    return [
        re.findall(r"^RUN (.*)$", stage, re.MULTILINE)
        for stage in re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
    ]


def environment() -> str:
    """Return the lines of ENV as exports."""
    (line,) = re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)
    return f"export {line}\n"


def test_the_image_can_be_made_and_serves_without_writing_beside_its_volumes(
    wheelhouse: Path, tmp_path: Path
) -> None:
    building, final = stages()
    made = tmp_path / "made.tar"
    with fresh_debian("trixie", offline=False) as first:
        first.give(wheelhouse, "/tmp/wheelhouse.tar")  # noqa: S108 -- in the root
        for line in building:
            first.run(line)
        first.run("tar -C /opt -cf /made.tar screenpop")
        made.write_bytes((first.folder / "made.tar").read_bytes())
    with fresh_debian("trixie", offline=False) as second:
        second.give(made, "/made.tar")
        for line in final:
            second.run(line)
        second.run("tar -C /opt -xf /made.tar; rm /made.tar")
        second.run(f"cat > /etc/screenpop/screenpop.toml <<'END'\n{SETTINGS}END\n")
        second.enter(offline=True)
        second.run(ENTER_READ_ONLY)
        as_user = f"{environment()}setpriv --reuid 10001 --clear-groups --no-new-privs"
        second.run(f"{as_user} /opt/screenpop/bin/screenpop migrate")
        second.run(f"{as_user} /opt/screenpop/bin/screenpop serve > /tmp/serve.log 2>&1 &")
        (check,) = re.findall(r"CMD (\[.*urlopen.*\])", DOCKERFILE)
        program, option, code = json.loads(check)
        second.run(
            f'for attempt in $(seq 300); do\n{program} {option} "{code}" 2>/dev/null && exit 0\n'
            "sleep 0.2\ndone; cat /tmp/serve.log; exit 1"
        )
