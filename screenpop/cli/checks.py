"""``screenpop number`` and ``doctor``: how something is understood, and what is wrong."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.serving import SettingsFile
from screenpop.cli.telling import done, err, out, told

if TYPE_CHECKING:
    from screenpop.ami.address import AmiAddress
    from screenpop.ami.problems import LinkProblem
    from screenpop.settings import Settings
    from screenpop.telephony.plan import NumberPlan

_LIVE_WITHIN_S = 20.0


def number(
    raw: Annotated[str, typer.Argument(help="A caller id as a trunk sends it.")],
    region: Annotated[str, typer.Option(help="The trunk's country: GR, IR ...")] = "",
    area_code: Annotated[str, typer.Option(help="The trunk's area, such as 21.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """Show how a caller id is understood, and why."""
    with told():
        from screenpop.telephony.numbers import explain

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


def doctor(settings_file: SettingsFile = None) -> None:
    """Check the settings, the database and each PBX, and say what to do."""
    with told():
        from screenpop.app.folder import prepare_folder
        from screenpop.app.values import address_of
        from screenpop.settings import load_settings
        from screenpop.store.database import opened

        settings = load_settings(settings_file)
        done("The settings can be used.")
        prepare_folder(settings.data_dir)

        async def check() -> bool:
            async with opened(settings.database_address) as database:
                done(f"The database {database.shown} answers and has the right schema.")
            if not settings.pbx:
                err.print("[yellow]![/yellow] No [[pbx]] is set: no call will be seen.")
            healthy = [await _check_pbx(address_of(pbx)) for pbx in settings.pbx]
            return all(healthy)

        if not asyncio.run(check()):
            raise typer.Exit(1)


async def _check_pbx(address: "AmiAddress") -> bool:
    """Connect, log in, ask for everything, once."""
    from screenpop.ami.link import AmiLink
    from screenpop.ami.states import LinkState
    from screenpop.app.links import english, sentence_of
    from screenpop.asterisk.events import WANTED

    ended = asyncio.Event()
    problems: list[LinkProblem] = []

    def on_state(state: LinkState, _: float, problem: "LinkProblem | None") -> None:
        if problem is not None:
            problems[:] = [problem]
        if state is LinkState.LIVE or (state is LinkState.DOWN and problem is not None):
            ended.set()

    link = AmiLink(
        address,
        wanted=WANTED,
        on_messages=lambda *_: None,
        on_snapshot=lambda *_: None,
        on_state=on_state,
    )
    running = asyncio.create_task(link.run())
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _LIVE_WITHIN_S)
        live = link.state is LinkState.LIVE
        where = f"The PBX {address.pbx} at {address.host}:{address.port}"
        if live:
            done(f"{where} lets us in and tells its calls.")
        for problem in problems:
            err.print(f"[red]✗[/red] {where}: {escape(sentence_of(english(), problem))}")
        if not live and not problems:
            err.print(f"[red]✗[/red] {where} did not answer within {_LIVE_WITHIN_S:.0f} s.")
        return live and not problems
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _plan(settings_file: Path | None, region: str, area_code: str) -> "NumberPlan":
    """Of the options; of the settings where there are none."""
    from screenpop.settings import SettingsMistakesError, load_settings
    from screenpop.telephony.identifiers import Region
    from screenpop.telephony.plan import NumberPlan

    settings: Settings | None = None
    if settings_file is not None or not region:
        settings = load_settings(settings_file)
    if settings is not None:
        return settings.number_plan.plan(region, area_code or None)
    try:
        return NumberPlan(Region(region), area_code)
    except ValueError as problem:
        raise SettingsMistakesError(str(problem)) from None
