"""Plays a scenario and keeps what AMI said, with the truth of it beside."""

from __future__ import annotations

import time
from pathlib import Path

from pbx_lab import truth
from pbx_lab.ami import AmiLine
from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import CHAN_SIP_PHONES, PHONES
from pbx_lab.scenarios import Scenario
from pbx_lab.stage import Stage
from pbx_lab.versions import PROJECT, Version

RECORDINGS = PROJECT / "tests/scenarios/lab"


def record(version: Version, scenario: Scenario, target: Path = RECORDINGS) -> str:
    """Play it on a fresh Asterisk and write NAME.ami and NAME.json; gives a line to print."""
    asterisk = Asterisk(version, scenario.variant)
    asterisk.start()
    try:
        stage = Stage(asterisk)
        recorder = stage.recorder
        begun = time.monotonic()
        try:
            truths = scenario.play(stage)
            recorder = stage.recorder
            lasted = time.monotonic() - begun
            stage.close()
        except Exception:
            keep_evidence(asterisk, stage, recorder, scenario.name)
            raise
        said = recorder.bytes if recorder.closed else recorder.log_off()
        legs = list(stage.watch.legs.values())
        try:
            truth.check(truths, legs)
        except Exception:
            keep_evidence(asterisk, stage, recorder, scenario.name)
            raise
    finally:
        asterisk.stop()
        asterisk.clean_up()
    folder = target / version.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{scenario.name}.ami").write_bytes(said)
    phones = [*PHONES, *(CHAN_SIP_PHONES if version.name == "16" else ())]
    text = truth.as_json(truths, legs, phones, scenario.about)
    (folder / f"{scenario.name}.json").write_text(text, encoding="utf-8")
    return f"{version.name} {scenario.name}: {lasted:.1f} s, {said.count(b'Event: ')} events"


def keep_evidence(asterisk: Asterisk, stage: Stage, recorder: AmiLine, name: str) -> None:
    """When a play fails: all that was said, for the one who looks for the reason."""
    stage.fleet.stop()
    folder = asterisk.version.root.path.parent / "failed" / f"{asterisk.version.name}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "said.ami").write_bytes(recorder.bytes)
    with (folder / "sip.txt").open("w", encoding="utf-8") as out:
        messages = [m for leg in stage.watch.legs.values() for m in leg.messages]
        for message in sorted(messages, key=lambda m: m.at):
            way = (
                f"{message.source[0]}:{message.source[1]} > {message.target[0]}:{message.target[1]}"
            )
            reason = message.headers.get("reason", "")
            out.write(
                f"{message.at:.3f} {way} {message.start} {message.headers['cseq']} {reason}\n"
            )
    if asterisk.log.is_file():
        (folder / "asterisk.log").write_bytes(asterisk.log.read_bytes())
    for file in stage.fleet.folder.glob("*"):
        if file.suffix != ".alaw" and file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
