"""``screenpop number`` and ``doctor``: explain a caller id, check the set-up."""

import asyncio
import logging
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.console import err, errors_as_sentences, out, print_done, sentences_of
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screenpop.agents.roster import Roster
    from screenpop.ami.problem_codes import LinkProblem
    from screenpop.app.doctor_findings import Finding
    from screenpop.settings import Settings
    from screenpop.settings.pbx import PbxSettings
    from screenpop.telephony.identifiers import Endpoint, PbxId
    from screenpop.telephony.number_plan import NumberPlan

_EXAMPLE_NUMBER = "+302100000000"
_LIVE_WITHIN_S = 20.0


def number(
    raw: Annotated[str, typer.Argument(help="A caller id as a trunk sends it.")],
    region: Annotated[str, typer.Option(help="The trunk's country: GR, IR ...")] = "",
    area_code: Annotated[str, typer.Option(help="The trunk's area code, such as 21.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """Show how a caller id is read, and why."""
    with errors_as_sentences():
        from screenpop.telephony.phone_numbers import explain

        found = explain(raw, plan=_plan(settings_file, region, area_code))
        caller = found.caller
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for name, value in (
            ("understood as", caller.kind.value),
            ("because", caller.how.replace("_", " ")),
            ("E.164", caller.e164),
            ("shown as", caller.display),
            ("extension", caller.extension),
            ("country", caller.region),
            ("line", caller.line_type),
            ("last nine digits", caller.last_nine),
        ):
            if value:
                table.add_row(f"[dim]{name}[/dim]", escape(value))
        out.print(table)
        for reading in found.readings:
            sign = "[green]✓[/green]" if reading.fits else "[dim]·[/dim]"
            words = reading.step.replace("_", " ")
            out.print(f"{sign} [dim]{words}:[/dim] {escape(reading.text)}")


def doctor(
    test_call: Annotated[
        str, typer.Option(help="Ring this phone once, such as 101, and check the events.")
    ] = "",
    manager_conf: Annotated[
        Path | None,
        typer.Option(help="The PBX's manager.conf, or a copy, to check the AMI user in it."),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Check the settings, the database and each PBX, and list what to do."""
    with errors_as_sentences(), _silent_logs():
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.settings import load_settings

        settings = load_settings(settings_file)
        print_done("The settings can be used.")
        prepare_data_dir(settings.data_dir)
        asked = _Asked(test_call, manager_conf)
        if not asyncio.run(_check_all(settings, asked)):
            raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Asked:
    test_call: str
    manager_conf: Path | None


@contextmanager
def _silent_logs() -> "Iterator[None]":
    """Silence the logs of libraries and links, which would mix with the printed findings."""
    before, configured = logging.root.manager.disable, structlog.is_configured()
    config = structlog.get_config()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        logging.disable(before)
        structlog.configure(**config) if configured else structlog.reset_defaults()


async def _check_all(settings: "Settings", asked: _Asked) -> bool:
    """Check the database, then each PBX, also if the database check fails."""
    from screenpop.app.agi import agi_finding
    from screenpop.app.wiring import phone_patterns

    roster = await _check_database(settings)
    if not settings.pbx:
        _hint("No [[pbx]] is set: no call will be seen.")
    if (finding := await agi_finding(settings)) is not None:
        _print_finding([finding])
    is_phone = phone_patterns(settings)
    healthy = [await _check_pbx(pbx, settings, roster, is_phone, asked) for pbx in settings.pbx]
    healthy.append(await _check_caller_source(settings))
    return roster is not None and all(healthy)


async def _check_caller_source(settings: "Settings") -> bool:
    """Ask the caller source about a number that is no customer's; True without a source."""
    from screenpop.app.caller_source import CallerSource, CallerSourceError

    if not settings.caller_source.url:
        return True
    try:
        await CallerSource(settings.caller_source).ask(_EXAMPLE_NUMBER)
    except CallerSourceError as problem:
        _bad(str(problem))
        return False
    print_done("The caller source answers in time.")
    return True


async def _check_database(settings: "Settings") -> "Roster | None":
    """Return the users and their phones; None if the database cannot be read."""
    from screenpop.app.staff_reload import load_staff
    from screenpop.store.accounts.hot_desks import list_unassigned_phones
    from screenpop.store.engine.database import opened

    try:
        async with opened(settings.database_address) as database:
            people = await load_staff(database, settings, time.time())
            lonely = await list_unassigned_phones(database)
    except Exception as problem:
        sentences = sentences_of(problem)
        if not sentences:
            raise
        for sentence in sentences:
            _bad(sentence)
        return None
    print_done(f"The database {database.shown} answers and has the right schema.")
    for phone in lonely:
        if people.roster.agent_at(phone.pbx, phone.endpoint) is None:
            _hint(
                f"The phone {phone.endpoint} of the PBX {phone.pbx} rang and belongs to no agent."
                f" Assign it with: screenpop user endpoint NAME {phone.endpoint}."
            )
    return people.roster


async def _check_pbx(
    pbx: "PbxSettings",
    settings: "Settings",
    roster: "Roster | None",
    is_phone: "Callable[[PbxId, Endpoint], bool]",
    asked: _Asked,
) -> bool:
    """Connect to one PBX, log in and run all checks."""
    from screenpop.agents.roster import Roster
    from screenpop.ami.client import AmiClient
    from screenpop.ami.link_state import LinkState
    from screenpop.app.doctor import KnownPhones, run_checks
    from screenpop.app.doctor_findings import EventRecorder
    from screenpop.app.manager_findings import manager_conf_findings, secret_findings
    from screenpop.app.pbx_links import english_catalogue, problem_sentence
    from screenpop.app.wiring import ami_config

    address = ami_config(pbx)
    ended = asyncio.Event()
    problems: list[LinkProblem] = []
    ear = EventRecorder()

    def on_state(state: LinkState, _: float, problem: "LinkProblem | None") -> None:
        if problem is not None:
            problems[:] = [problem]
        if state is LinkState.LIVE or (state is LinkState.DOWN and problem is not None):
            ended.set()

    link = AmiClient(
        address, wanted=None, on_messages=ear.messages, on_snapshot=ear.lists, on_state=on_state
    )
    running = asyncio.create_task(link.run())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LIVE_WITHIN_S):
                await ended.wait()
        live = link.state is LinkState.LIVE
        where = f"The PBX {address.pbx} at {address.host}:{address.port}"
        if live:
            print_done(f"{where} accepts the login and sends its calls.")
        for problem in problems:
            _bad(f"{where}: {problem_sentence(english_catalogue(), problem)}")
        if not live and not problems:
            _bad(f"{where} did not answer within {_LIVE_WITHIN_S:.0f} s.")
        of_the_user = secret_findings(address) + manager_conf_findings(address, asked.manager_conf)
        if not live:
            _print_finding([one for one in of_the_user if not one.is_unknown])
            return False

        def is_its_phone(endpoint: "Endpoint") -> bool:
            return is_phone(address.pbx, endpoint)

        office = KnownPhones(
            address.pbx,
            roster or Roster(),
            is_its_phone,
            patterns=(*pbx.phones, *settings.number_plan.extensions),
            trunks=tuple(trunk.name for trunk in pbx.trunks),
        )
        found = await run_checks(link, ear, office, test_call=asked.test_call)
        return _print_finding(found + of_the_user) and not problems
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _print_finding(found: "list[Finding]") -> bool:
    from screenpop.app.doctor import is_healthy
    from screenpop.app.doctor_findings import Grade

    print_grade = {Grade.GOOD: print_done, Grade.HINT: _hint, Grade.BAD: _bad}
    for one in found:
        print_grade[one.grade](one.sentence)
    return is_healthy(found)


def _hint(sentence: str) -> None:
    err.print(f"[yellow]![/yellow] {escape(sentence)}")


def _bad(sentence: str) -> None:
    err.print(f"[red]✗[/red] {escape(sentence)}")


def _plan(settings_file: Path | None, region: str, area_code: str) -> "NumberPlan":
    """Return the number plan of the options, or of the settings if none are given."""
    from screenpop.settings import InvalidSettingsError, load_settings
    from screenpop.telephony.identifiers import Region
    from screenpop.telephony.number_plan import NumberPlan

    settings: Settings | None = None
    if settings_file is not None or not region:
        settings = load_settings(settings_file)
    if settings is not None:
        return settings.number_plan.plan(region, area_code or None)
    try:
        return NumberPlan(Region(region), area_code)
    except ValueError as problem:
        raise InvalidSettingsError(str(problem)) from None
