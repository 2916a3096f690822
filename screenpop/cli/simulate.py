"""``screenpop simulate`` and ``replay``: play simulated or recorded calls."""

import asyncio
import secrets
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from screenpop.cli.console import err, errors_as_sentences, out, print_done

if TYPE_CHECKING:
    from screenpop.simulator.api_client import ApiClient
    from screenpop.simulator.recording import TimedMessage
    from screenpop.simulator.recording_file import Recording

DataDir = Annotated[
    Path | None, typer.Option("--data", help="The data folder of the running server.")
]
Url = Annotated[str, typer.Option(help="The server's address; default: from its data folder.")]

_FOLLOWED_WITHIN_S = 15.0
_TEN_YEARS_S = 10 * 365 * 86_400


def simulate(
    number: Annotated[str, typer.Option("--from", help="The caller id that the trunk sends.")],
    to: Annotated[str, typer.Option("--to", help="The phones that ring: 101, or 101,102.")],
    name: Annotated[str, typer.Option(help="The caller's name that the trunk sends.")] = "",
    queue: Annotated[str, typer.Option(help="The queue that the call goes through.")] = "",
    did: Annotated[str, typer.Option(help="The dialled number.")] = "",
    outcome: Annotated[str, typer.Option(help="answered, missed, busy or abandoned.")] = "answered",
    wait_s: Annotated[float, typer.Option(help="Seconds in the queue, before a phone rings.")] = 0,
    ring_s: Annotated[float, typer.Option(help="Seconds of ringing.")] = 6,
    talk_s: Annotated[float, typer.Option(help="Seconds of talking.")] = 20,
    scenario: Annotated[
        str, typer.Option(help="A recorded kind of call: blind_transfer, queue, park ...")
    ] = "",
    url: Url = "",
    data: DataDir = None,
) -> None:
    """Play one call on the simulated PBX of a running server."""
    with errors_as_sentences():
        from screenpop.simulator.recorded_calls import check_recorded_call
        from screenpop.simulator.simulated_pbx_server import call_from_request

        check_recorded_call(scenario)
        given = (("name", name), ("queue", queue), ("did", did), ("scenario", scenario))
        asked: dict[str, object] = {
            "from": number,
            "to": [phone.strip() for phone in to.split(",") if phone.strip()],
            "outcome": outcome,
            "wait_s": wait_s,
            "ring_s": ring_s,
            "talk_s": talk_s,
            **{key: text for key, text in given if text},
        }
        call_from_request(asked)
        answer = _server(url, data).post("/api/v1/simulated-calls", asked)
        print_done(f"Call {answer['call']} from {number or 'nobody'} to {to}.")


def replay(
    file: Annotated[
        Path, typer.Argument(help="The recording: the bytes that an AMI user received.")
    ],
    speed: Annotated[
        float, typer.Option(min=0.01, max=1000, help="Playback speed: 2 is twice as fast.")
    ] = 1.0,
    changes: Annotated[
        bool, typer.Option("--changes", help="Only print the call events, as JSON lines.")
    ] = False,
    phones: Annotated[
        str, typer.Option(help="With --changes: the agents' phones; all others are trunks.")
    ] = "",
    anonymise: Annotated[
        bool, typer.Option("--anonymise", help="Only write a copy with other numbers and names.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="With --anonymise: the copy; default: NAME.anonymised.ami."),
    ] = None,
    url: Url = "",
    data: DataDir = None,
) -> None:
    """Play an AMI recording to a running server as a separate PBX, print its call events, or make
    a copy that can be shared."""
    if output is not None and not anonymise:
        raise typer.BadParameter("it needs --anonymise", param_hint="--output")
    with errors_as_sentences():
        if anonymise:
            _anonymise(file, output or file.with_name(f"{file.stem}.anonymised.ami"))
            return
        from screenpop.simulator.recording_file import read_recording

        recording = read_recording(file)
        for note in recording.notes:
            err.print(f"[yellow]![/yellow] {escape(note)}")
        if changes:
            from screenpop.simulator.replay_report import print_changes, read_phones

            print_changes(recording, read_phones(phones) if phones else None, sys.stdout)
            sys.stdout.flush()
        else:
            _replay_to_server(recording, file.name, _server(url, data), speed)
        err.print(f"[green]✓[/green] {escape(recording.counts.sentence)}")


def _anonymise(file: Path, copy: Path) -> None:
    from screenpop.simulator.anonymise import anonymise_recording

    made = anonymise_recording(file.read_bytes())
    with copy.open("xb") as written:
        written.write(made.data)
    print_done(
        f"{copy}: {made.numbers} numbers and {made.words} words were replaced; ids, times,"
        " extensions, queues and contexts are as they were. Look through it before you share it."
    )


def _replay_to_server(recording: "Recording", name: str, server: "ApiClient", speed: float) -> None:
    from screenpop.simulator.recording import timed_messages

    moments = timed_messages(recording)
    with suppress(KeyboardInterrupt):
        if moments:
            asyncio.run(_play(moments, server, speed))
        print_done(f"{len(moments)} events of {name} played.")


def _server(url: str, data: Path | None) -> "ApiClient":
    """Return the running server of the given folder, of the settings, or of the demo."""
    from screenpop.settings import InvalidSettingsError, load_settings
    from screenpop.simulator.api_client import find_server

    folders: tuple[Path, ...] = (data,) if data is not None else ()
    if not folders:
        folders = (Path("demo-data"), Path("screenpop-data"))
        with suppress(InvalidSettingsError):
            folders = (load_settings().data_dir, *folders)
    return find_server(folders, url)


async def _play(moments: tuple["TimedMessage", ...], server: "ApiClient", speed: float) -> None:
    from rich.progress import track

    from screenpop.simulator.ami_server import AmiServer
    from screenpop.simulator.ami_session import Account
    from screenpop.simulator.api_client import ApiClientError
    from screenpop.simulator.pbx import SimulatedPbx
    from screenpop.simulator.simulated_pbx_server import USERNAME

    # The start-up time identifies a boot of the PBX, and two replays of one file must be
    # two boots, so each gets a random start-up second within the last ten years.
    age = timedelta(seconds=secrets.randbelow(_TEN_YEARS_S))
    pbx = SimulatedPbx(time.time, booted=datetime.now(UTC) - age, phones={})
    account = Account(USERNAME, secrets.token_urlsafe(24))
    async with AmiServer(pbx, account).listening() as ami:
        asked = {"port": ami.port, "secret": account.secret}
        await asyncio.to_thread(server.post, "/api/v1/replays", asked)
        try:
            async with asyncio.timeout(_FOLLOWED_WITHIN_S):
                await ami.followed()
        except TimeoutError:
            raise ApiClientError(
                f"{server.url} did not come to follow the recording; run this on the machine of"
                " the server."
            ) from None
        for moment in track(moments, "Playing", console=err, transient=True):
            await asyncio.sleep(moment.pause_s / speed)
            pbx.repeat(moment.message)
    out.print("", end="")
