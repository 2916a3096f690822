"""Plays a scenario and records the AMI bytes, with the expected outcome next to them."""

from __future__ import annotations

from pathlib import Path

from pbx_lab import truth
from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import CHAN_SIP_PHONES, PHONES
from pbx_lab.scenarios import Scenario
from pbx_lab.stage import Stage
from pbx_lab.versions import PROJECT, Version

RECORDINGS = PROJECT / "tests/scenarios/lab"


def record(version: Version, scenario: Scenario, target: Path = RECORDINGS) -> str:
    """Play it on a fresh Asterisk, write NAME.ami and NAME.json, and return a line to print."""
    asterisk = Asterisk(version, scenario.variant)
    try:
        asterisk.start()
        stage = Stage(asterisk)
        try:
            recorded, truths = play(stage, scenario)
        except Exception:
            keep_evidence(stage, scenario.name)
            raise
        finally:
            stage.close()
    finally:
        asterisk.stop()
        asterisk.clean_up()
    legs = list(stage.watch.legs.values())
    phones = [*PHONES, *(CHAN_SIP_PHONES if version.name == "16" else ())]
    folder = target / version.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{scenario.name}.ami").write_bytes(recorded)
    text = truth.as_json(truths, legs, phones, scenario.about)
    (folder / f"{scenario.name}.json").write_text(text, encoding="utf-8")
    return f"{version.name} {scenario.name}: {recorded.count(b'Event: ')} events"


def play(stage: Stage, scenario: Scenario) -> tuple[bytes, list[truth.Truth]]:
    """Play it to its end; return the AMI bytes and the outcome, once the phones agree with it."""
    truths = scenario.play(stage)
    stage.settle()
    recorded = stage.recorder.log_off()
    truth.check(truths, list(stage.watch.legs.values()))
    return recorded, truths


def keep_evidence(stage: Stage, name: str) -> None:
    """Keep all files of a failed play for debugging."""
    asterisk = stage.asterisk
    stage.fleet.stop()
    folder = asterisk.version.root.path.parent / "failed" / f"{asterisk.version.name}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recorded.ami").write_bytes(stage.recorder.bytes)
    (folder / "sip.txt").write_text("\n".join(stage.watch.lines()), encoding="utf-8")
    if asterisk.log.is_file():
        (folder / "asterisk.log").write_bytes(asterisk.log.read_bytes())
    for file in stage.fleet.folder.glob("*"):
        if file.suffix != ".alaw" and file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
