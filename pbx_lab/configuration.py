"""Writes the /etc/asterisk of one version: the lab's own files and those of asterisk_conf/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pbx_lab.versions import PROJECT, Version

TEMPLATES = Path(__file__).parent / "etc"
ASTERISK_CONF = PROJECT / "asterisk_conf"
SECRET = "a-secret-of-the-lab"  # noqa: S105  the lab is reachable from itself alone

PHONES = {
    "101": "127.0.0.101",
    "102": "127.0.0.102",
    "103": "127.0.0.103",
    "99101": "127.0.0.111",
}
CHAN_SIP_PHONES = {"201": "127.0.0.201", "202": "127.0.0.202"}
TRUNK_ADDRESS = "127.0.1.1"
SECOND_TRUNK_ADDRESS = "127.0.1.3"
SECOND_CONTACT_OF_101 = "127.0.0.112"
CHAN_SIP_TRUNK_ADDRESS = "127.0.1.2"


@dataclass(frozen=True)
class Variant:
    """The options of one boot of Asterisk that differ from others."""

    system_name: str = ""
    channel_variables: str = ""
    without_contact: tuple[str, ...] = ()


PLAIN = Variant()


def write_configuration(version: Version, variant: Variant, target: Path) -> None:
    """Fill a folder that will be Asterisk's /etc/asterisk."""
    values = placeholders(version, variant)
    for template in sorted(TEMPLATES.glob("*.conf")):
        text = template.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        if template.name == "extensions_freepbx.conf" and version.name != "16":
            text = macro_to_gosub(text)
        (target / template.name).write_text(text, encoding="utf-8")
    write_screenpop_fragments(target)


def write_screenpop_fragments(target: Path) -> None:
    """Copy asterisk_conf/ as an admin would: the files as they are, with a secret of one's own."""
    folder = target / "manager.d"
    folder.mkdir(exist_ok=True)
    for fragment in sorted((ASTERISK_CONF / "manager.d").glob("*.conf")):
        text = fragment.read_text(encoding="utf-8").replace("CHANGE-ME", SECRET)
        (folder / fragment.name).write_text(text, encoding="utf-8")


def placeholders(version: Version, variant: Variant) -> dict[str, str]:
    """Return the value of each @NAME@ of the templates."""
    old = version.name == "16"
    general = ["timestampevents = yes"]
    if variant.channel_variables:
        general.append(f"channelvars = {variant.channel_variables}")
    return {
        "MODULES": version.modules,
        "SYSTEMNAME": f"systemname = {variant.system_name}" if variant.system_name else "",
        "MORE_MODULES": "load = app_macro.so\nload = chan_sip.so" if old else "",
        "MANAGER_GENERAL": "\n".join(general),
        "PHONES": "\n".join(
            pjsip_phone(name, address, name not in variant.without_contact)
            for name, address in PHONES.items()
        ),
        "RINGTIMER": "15",
        "TRUNKDIAL": "PJSIP/${OUTNUM}@trunk",
        "SIPHEADERS": "" if old else "b(func-apply-sipheaders^s^1)",
        "CONFIRM": "M(confirm)",
        "CONFIRM_RESULT": "MACRO_RESULT" if old else "GOSUB_RESULT",
        "CHAN_SIP_HINTS": "".join(
            f"exten => {name},hint,SIP/{name}&Custom:DND{name}\n" for name in CHAN_SIP_PHONES
        )
        if old
        else "",
    }


def pjsip_phone(name: str, address: str, reachable: bool) -> str:
    """Return the endpoint, its address and how its own calls are recognised."""
    contact = f"contact = sip:{name}@{address}:5060\n" if reachable else ""
    return (
        f'[{name}](phone)\ncallerid = "Agent {name}" <{name}>\naors = {name}\n'
        f"[{name}]\ntype = aor\n{contact}"
        f"[{name}]\ntype = identify\nendpoint = {name}\nmatch = {address}\n"
    )


def macro_to_gosub(text: str) -> str:
    """Rewrite a dialplan of macros the way FreePBX did when Asterisk dropped app_macro."""
    text = re.sub(
        r"(?<![\w-])Macro\(([\w-]+)(?:,(.*))?\)$",
        r"Gosub(macro-\1,s,1(\2))",
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r"(?<![A-Za-z])M\(([\w-]+)\)", r"U(macro-\1)", text)
    return text.replace("MacroExit()", "Return()")
