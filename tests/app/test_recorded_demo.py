"""``screenpop demo --play``: a recording rings the demo's agents, again and again."""

from pathlib import Path

import pytest

from screenpop.app.recorded_demo import play_again_and_again
from screenpop.app.server import running
from screenpop.demo.recording import LONGEST_PHONE, MOST_PHONES, phones_rung
from screenpop.demo.settings import demo_settings, prepare_demo
from screenpop.simulator.anonymise import anonymise_recording
from screenpop.simulator.recording_file import parse_recording
from tests.app.running_app import NOW, page

pytestmark = pytest.mark.anyio

LAB = Path(__file__).parents[1] / "scenarios" / "lab" / "22"


def recorded(*phones: str) -> bytes:
    events = "".join(
        f"Event: DialBegin\r\nDestChannel: PJSIP/{phone}-00000001\r\nDestUniqueid: 1.{n}\r\n\r\n"
        for n, phone in enumerate(phones)
    )
    return f"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n{events}".encode()


@pytest.mark.slow
async def test_an_anonymised_recording_rings_the_agents_of_the_demo(folder: Path) -> None:
    [file, *_] = sorted(LAB.glob("*direct*")) or sorted(LAB.glob("*.ami"))
    recording = parse_recording(anonymise_recording(file.read_bytes()).data)
    settings = demo_settings(0, folder)
    demo = await prepare_demo(settings, NOW.timestamp(), recording=recording)
    assert demo.guides
    async with running(settings, demo) as app, page(app, "maryam") as maryam:
        card = await maryam.card("ringing")
        assert card["pbx"] == "simulated"


async def test_a_recording_waits_without_an_open_page(folder: Path) -> None:
    waited: list[float] = []

    class StoppedError(Exception):
        pass

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise StoppedError

    recording = parse_recording(recorded("101"))
    async with running(demo_settings(0, folder)) as app:
        with pytest.raises(StoppedError):
            await play_again_and_again(app.links, recording, lambda _: True, lambda: False, wait)
    assert waited == [1.0, 1.0, 1.0]


def test_phones_have_six_digits_at_most_and_those_rung_most_come_first() -> None:
    longest = "1" * LONGEST_PHONE
    found = phones_rung(parse_recording(recorded("102", longest, "102", f"{longest}1", "otenet")))
    assert found == ("102", longest)
    many = [str(1000 + n) for n in range(MOST_PHONES + 1)]
    assert len(phones_rung(parse_recording(recorded(*many)))) == MOST_PHONES
