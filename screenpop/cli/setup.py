"""``screenpop setup``: reads the PBX, proposes settings and users, and stores what is confirmed."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.ami.config import AmiConfig
    from screenpop.app.setup import Logins
    from screenpop.discovery.proposal import ChosenItems, Proposal
    from screenpop.discovery.settings_file import Office
    from screenpop.settings import Settings

_STDIN = Path("-")
_YES, _NO, _ALL = "y", "n", "a"


def setup(
    host: Annotated[str, typer.Option(help="The PBX: a name or an address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its AMI port.")] = 5038,
    username: Annotated[str, typer.Option(help="The AMI user of manager.conf.")] = "screenpop",
    secret_from: Annotated[
        Path | None,
        typer.Option("--secret-from", help="A file with the AMI user's secret, or -."),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Connect with TLS.")] = False,
    tls_ca_file: Annotated[Path | None, typer.Option(help="The CA certificate (PEM).")] = None,
    tls_pin_sha256: Annotated[str, typer.Option(help="SHA-256 of the certificate, in hex.")] = "",
    tls_server_name: Annotated[str, typer.Option(help="The name in the certificate.")] = "",
    region: Annotated[str, typer.Option(help="The country of the trunks: GR, IR ...")] = "",
    area_code: Annotated[str, typer.Option(help="The area code, such as 21.")] = "",
    timezone: Annotated[str, typer.Option(help="The office's time zone.")] = "",
    language: Annotated[str, typer.Option(help="Of users: en, fa or el.")] = "",
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
    logins: Annotated[
        Path | None, typer.Option(help="Write the first passwords into this file, to print.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm everything.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write settings that have a PBX anew; keeps a copy.")
    ] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Read trunks, phones, people, lines and queues from the PBX, and write settings and users."""
    with errors_as_sentences():
        from screenpop.ami.config import AmiConfig, AmiTls
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.app.setup import (
            SECRET_FILE,
            SettingsExistError,
            make_users,
            pbx_address,
            settings_text,
            write_settings,
        )
        from screenpop.cli.logging_setup import configure_logging
        from screenpop.settings.loading import settings_path
        from screenpop.store.engine.database import migrate, opened
        from screenpop.telephony.identifiers import PbxId

        configure_logging("error", "auto")
        path = settings_path(settings_file).absolute()
        present = _present_settings(path, replace=replace)
        certificate = AmiTls(str(tls_ca_file or ""), tls_pin_sha256, tls_server_name)
        address = AmiConfig(
            *(PbxId("office"), host, username, _secret(secret_from), port),
            tls=certificate if tls else None,
        )
        proposal = _read(address)
        _print_proposal(proposal)
        office = _office(present, region, area_code, timezone, data, asks=not yes)
        chosen = _choose(proposal, _everything if yes else _ask).of(proposal)
        data_dir = Path(office.data_dir)
        prepare_data_dir(data_dir)
        secret_path = data_dir / SECRET_FILE
        text = settings_text(path, chosen, office, pbx_address(address, secret_path))
        try:
            written = write_settings(path, text, address.secret, secret_path, may_replace=replace)
        except SettingsExistError as refused:
            _refuse(str(refused))
        print_done(f"{path} is written, the AMI secret to {secret_path}.")
        if written.backup is not None:
            print_done(f"The settings before are kept as {written.backup}.")
        migrate(written.settings.database_address)

        async def store() -> "Logins":
            async with opened(written.settings.database_address) as database:
                spoken = language or written.settings.languages[0]
                return await make_users(database, chosen.people, spoken, time.time())

        made = asyncio.run(store())
        _print_logins(made, logins)
        out.print("Next: screenpop import FILE, then screenpop serve. screenpop doctor checks all.")


def _refuse(sentence: str) -> NoReturn:
    err.print(f"[red]✗[/red] {escape(sentence)}")
    raise typer.Exit(1)


def _present_settings(path: Path, *, replace: bool) -> "Settings | None":
    from screenpop.app.setup import SettingsExistError
    from screenpop.settings import InvalidSettingsError, load_settings

    if not path.exists():
        return None
    try:
        settings = load_settings(path)
    except InvalidSettingsError:
        if not replace:
            raise
        return None
    if settings.pbx and not replace:
        _refuse(str(SettingsExistError(path)))
    return settings


def _secret(file: Path | None) -> str:
    from screenpop.settings.fields import long_enough, one_line

    if file == _STDIN:
        secret = sys.stdin.readline().strip()
    elif file is not None:
        secret = file.read_text(encoding="utf-8").strip()
    else:
        secret = str(typer.prompt("Secret of the AMI user", hide_input=True)).strip()
    try:
        return long_enough(one_line(secret), "the secret")
    except ValueError as problem:
        _refuse(f"{problem}.")


def _read(address: "AmiConfig") -> "Proposal":
    from screenpop.app.discovery import DiscoveryError, discover
    from screenpop.app.pbx_links import english_catalogue, problem_sentence
    from screenpop.discovery.proposal import propose

    where = f"The PBX at {address.host}:{address.port}"
    try:
        return propose(asyncio.run(discover(address)))
    except DiscoveryError as failed:
        _refuse(f"{where}: {problem_sentence(english_catalogue(), failed.problem)}")


def _print_proposal(proposal: "Proposal") -> None:
    from screenpop.app.discovery import unread_sentence
    from screenpop.app.pbx_links import english_catalogue
    from screenpop.discovery.proposal import Layout

    layout = " with FreePBX or Issabel" if proposal.layout is Layout.FREEPBX else ""
    print_done(f"It is Asterisk {proposal.version}{layout}.")
    table = Table("what", "name", "becomes", box=None, padding=(0, 3, 0, 0))
    for trunk in proposal.trunks:
        table.add_row("trunk", escape(trunk), "")
    for one in proposal.people:
        queues = f", queues {', '.join(one.queues)}" if one.queues else ""
        becomes = f"user {one.username}, phones {', '.join(one.phones)}{queues}"
        table.add_row("person", escape(one.display_name), escape(becomes))
    for line in proposal.lines:
        table.add_row("line", escape(line.number), escape(line.label))
    for queue in proposal.queues:
        table.add_row("queue", escape(queue), "")
    out.print(table)
    if proposal.left_out:
        err.print(
            f"[yellow]![/yellow] {proposal.left_out:,} more phones or trunks are left out: add"
            " their users with screenpop user add."
        )
    for missing in proposal.unread:
        err.print(f"[yellow]![/yellow] {escape(unread_sentence(missing, english_catalogue()))}")
    if not proposal.people:
        err.print("[yellow]![/yellow] The PBX lists no phones, so no users are proposed.")


_Confirm = Callable[[Sequence[tuple[str, str]]], frozenset[str]]
"""Returns the keys that are confirmed of ``(key, description)``."""


def _choose(proposal: "Proposal", confirmed: _Confirm) -> "ChosenItems":
    from screenpop.discovery.proposal import ChosenItems

    people = [(p.extension, f"user {p.username} for {p.display_name}") for p in proposal.people]
    return ChosenItems(
        trunks=confirmed([(one, f"trunk {one}") for one in proposal.trunks]),
        extensions=confirmed(people),
        lines=confirmed([(o.number, f"line {o.number} as {o.label}") for o in proposal.lines]),
        queues=confirmed([(one, f"queue {one}") for one in proposal.queues]),
    )


def _everything(items: Sequence[tuple[str, str]]) -> frozenset[str]:
    return frozenset(key for key, _ in items)


def _ask(items: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Ask about each; ``a`` confirms it and all that follow of the same kind."""
    chosen: set[str] = set()
    takes_all = False
    for key, text in items:
        answer = _ALL if takes_all else _answer(f"Add {text}? [Y/n/a = all]")
        takes_all = answer == _ALL
        if answer != _NO:
            chosen.add(key)
    return frozenset(chosen)


def _answer(question: str) -> str:
    while True:
        given = str(typer.prompt(question, default=_YES, show_default=False)).strip().lower()[:1]
        if given in {_YES, _NO, _ALL}:
            return given


def _office(
    present: "Settings | None",
    region: str,
    area_code: str,
    timezone: str,
    data: Path | None,
    *,
    asks: bool,
) -> "Office":
    from screenpop.discovery.settings_file import Office

    if present is not None:
        plan = present.number_plan
        return Office(
            *(region or plan.region, timezone or present.timezone),
            str((data or present.data_dir).absolute()),
            area_code or plan.area_code,
        )
    zone = timezone or _machine_timezone()
    country = region or _country_of(zone)
    if not country and not asks:
        _refuse("The country of the trunks is not known: give it with --region, such as GR.")
    if asks and not region:
        country = str(typer.prompt("Country of the trunks, such as GR or IR", default=country))
    folder = data or Path("screenpop-data")
    return Office(country.strip().upper(), zone, str(folder.absolute()), area_code)


def _machine_timezone() -> str:
    from zoneinfo import available_timezones

    link = Path("/etc/localtime")
    linked = str(link.resolve()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    named = os.environ.get("TZ", "") or linked
    return named if named in available_timezones() else "UTC"


def _country_of(timezone: str) -> str:
    from babel.core import get_global

    country = str(get_global("zone_territories").get(timezone, ""))
    return country if country.isalpha() and country != "ZZ" else ""


def _print_logins(made: "Logins", file: Path | None) -> None:
    from screenpop.app.secret_files import write_secret_file
    from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S

    for name, reason in made.skipped:
        err.print(f"[yellow]![/yellow] No user for {escape(name)}: {escape(reason)}.")
    days = int(FIRST_PASSWORD_S // 86_400)
    lines = [
        f"{one.name} · user name: {one.username} · password for the first login: {one.password}"
        f" · phone: {', '.join(one.phones) or 'none'}"
        for one in made.made
    ]
    if not lines:
        return
    heading = f"To hand out. Each password is for one login within {days} days."
    if file is not None:
        write_secret_file(file.absolute(), "\n\n".join([heading, *lines, ""]).encode())
        print_done(f"{len(lines)} users are made; their first passwords are in {file}.")
        return
    print_done(f"{len(lines)} users are made. {heading}")
    for line in lines:
        out.print(line, markup=False)
