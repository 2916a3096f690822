"""Findings of ``screenpop doctor`` about the AMI user, from manager.conf if it can be read."""

from ipaddress import ip_address
from pathlib import Path

from screenpop.ami.config import AmiConfig
from screenpop.app.doctor_findings import Finding, Grade
from screenpop.app.manager_conf import EXAMPLE_SECRET, read_manager_user

USUAL_PATH = Path("/etc/asterisk/manager.conf")


def secret_findings(address: AmiConfig) -> list[Finding]:
    """Return a finding if the secret of the bundled example file is in use."""
    if address.secret != EXAMPLE_SECRET:
        return []
    return [
        Finding(
            Grade.BAD,
            f"The secret of the AMI user is still {EXAMPLE_SECRET}, which is public: put a"
            " long random one (openssl rand -hex 24) into manager.conf and the settings.",
        )
    ]


def manager_conf_findings(address: AmiConfig, path: Path | None) -> list[Finding]:
    """Return findings on read classes, deny and permit of the user in the file at ``path``.

    Without a path the default file is read if the PBX is on this machine. If no file can be read,
    one finding names what stays unknown."""
    where = path or (USUAL_PATH if _is_here(address.host) else None)
    if where is None:
        return [_unknown("the PBX is another machine")]
    try:
        user = read_manager_user(where, address.username)
    except OSError as error:
        return [_unknown(f"{where}: {error.strerror}")]
    if user is None:
        return [
            Finding(
                Grade.BAD if path else Grade.HINT,
                f"{where} has no user [{address.username}]: add it as in asterisk_conf/manager.d.",
            )
        ]
    found: list[Finding] = []
    if missing := user.missing_classes:
        found.append(
            Finding(
                Grade.BAD,
                f"[{address.username}] in {where} lacks {', '.join(missing)} under read =: add"
                f" {'it' if len(missing) == 1 else 'them'} and run manager reload.",
            )
        )
    if not user.has_access_list:
        found.append(
            Finding(
                Grade.HINT,
                f"[{address.username}] in {where} may log in from any address: add deny ="
                " 0.0.0.0/0.0.0.0 and permit = with the address of this machine.",
            )
        )
    if user.last("secret") == EXAMPLE_SECRET and address.secret != EXAMPLE_SECRET:
        found.append(Finding(Grade.BAD, f"[{address.username}] in {where} has {EXAMPLE_SECRET}."))
    elif user.last("secret") and user.last("secret") != address.secret:
        found.append(
            Finding(
                Grade.BAD,
                f"The secret of [{address.username}] in {where} is not the one in the settings.",
            )
        )
    return found or [
        Finding(Grade.GOOD, "Its AMI user reads all it needs and has an address list.")
    ]


def _unknown(why: str) -> Finding:
    return Finding(
        Grade.HINT,
        "AMI does not report which classes its user reads (call, system, agent are needed) or from"
        f" where it may log in (deny, permit), and manager.conf cannot be read here ({why}): run"
        " screenpop doctor --manager-conf FILE with a copy of it.",
        is_unknown=True,
    )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
