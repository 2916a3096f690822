"""``screenpop asterisk-conf``, ``service-file``: bundled files for Asterisk and systemd."""

import secrets
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from screenpop.cli.console import err, out, print_done

Folder = Annotated[
    Path | None, typer.Option("--to", help="Write into this folder instead of printing.")
]
UNITS = (
    "screenpop.service",
    "screenpop-listen.service",
    "screenpop-web@.service",
    "screenpop-backup.service",
    "screenpop-backup.timer",
)
_EXAMPLE_SECRET = "CHANGE-ME"  # noqa: S105 -- of the bundled files
INSTALLED_AS = "/opt/screenpop/bin/screenpop"
"""The installation path in the unit file of the repository."""


def asterisk_conf(
    to: Folder = None,
    new_secret: Annotated[
        bool,
        typer.Option(
            "--new-secret", help="With --to: a random secret, also written to ami-secret."
        ),
    ] = False,
) -> None:
    """Print the files for /etc/asterisk, or write them into a folder."""
    if new_secret and to is None:
        raise typer.BadParameter("it needs --to", param_hint="--new-secret")
    source = _shipped("asterisk_conf")
    paths = sorted(path for path in source.rglob("*") if path.is_file() and path.name[0] != ".")
    texts = {str(path.relative_to(source)): path.read_text(encoding="utf-8") for path in paths}
    secret = secrets.token_hex(24) if new_secret else ""
    if secret:
        texts = {
            name: text.replace(_EXAMPLE_SECRET, secret) if name.endswith(".conf") else text
            for name, text in texts.items()
        }
    _give(texts, to, ";")
    if secret and to is not None:
        from screenpop.app.secret_files import write_secret_file

        for path in to.rglob("*.conf"):
            path.chmod(0o600)
        write_secret_file((to / "ami-secret").absolute(), f"{secret}\n".encode())
        print_done(f"{to / 'ami-secret'}")


def service_file(to: Folder = None) -> None:
    """Print the systemd units for this installation, or write them into a folder."""
    here = str(Path(sys.executable).with_name("screenpop"))
    units = {
        name: (_shipped("packaging") / name).read_text(encoding="utf-8").replace(INSTALLED_AS, here)
        for name in UNITS
    }
    _give(units, to, "#")


def _give(texts: dict[str, str], to: Path | None, comment: str) -> None:
    if to is None:
        for name, text in texts.items():
            heading = f"{comment} ---- {name}\n" if len(texts) > 1 else ""
            out.print(heading + text, end="", markup=False)
        return
    for name in texts:
        if (to / name).exists():
            err.print(f"[red]✗[/red] {to / name} is there already; name a new folder.")
            raise typer.Exit(1)
    for name, text in texts.items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text, encoding="utf-8")
        print_done(f"{to / name}")


def _shipped(name: str) -> Path:
    """Return the folder of the installed package, else of the checkout."""
    packaged = Path(str(files("screenpop"))) / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / name
