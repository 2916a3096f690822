"""The table of scenarios with the events of each version of Asterisk: docs/scenarios.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pbx_lab.reading import messages
from pbx_lab.recording import RECORDINGS
from pbx_lab.scenarios import SCENARIOS
from pbx_lab.scenarios.catalogue import Scenario

Message = dict[str, str]

PAGE = """\
# Every way a call can reach an agent, and the events Asterisk sends

Made by `python -m pbx_lab table > docs/scenarios.md` from the recordings in
[tests/scenarios/lab](../tests/scenarios/lab/README.md): Asterisk 22 and 16, SIPp as phones and
trunk. [lab.md](lab.md) describes how to play them.

- Left out are the events that every call has: channels and bridges that come, change and go, and
  the hangups of trunks and `Local` channels. The two numbers count all events of the classes
  `system`, `call` and `agent`, on 16 and on 22.
- `DialBegin 101` is the moment for the card. `DialEnd 101 ANSWER` names the phone that was
  answered. A number after `Hangup 101` is its cause; 26 is "answered elsewhere".
- ×2: twice. The order between different legs varies from run to run. Where the versions differ in
  more than that, the row lists the difference.
- `make test-pbx` plays them with the product and a browser. Those with a * need an Asterisk that
  was started in another way, or a login during the call: only their recordings are compared with
  the log.
"""


def table() -> str:
    """Return the whole page."""
    return "\n".join([PAGE, *sections()]) + "\n"


def sections() -> Iterator[str]:
    """Yield the lines of a table for each module of scenarios."""
    titles: list[str] = []
    for scenario in SCENARIOS.values():
        title = title_of(scenario)
        if title not in titles:
            titles.append(title)
            yield f"\n## {title}\n\n| scenario | what happens | AMI events | 16 / 22 |"
            yield "| --- | --- | --- | --- |"
        yield line(scenario)


def title_of(scenario: Scenario) -> str:
    """Return the heading of a scenario: the first line of its module."""
    module = __import__(scenario.play.__module__, fromlist=["__doc__"])
    return (module.__doc__ or "").strip().split("\n")[0].rstrip(".")


def line(scenario: Scenario) -> str:
    """Return the row of a scenario."""
    recorded = {version: events_of(scenario, version) for version in scenario.versions}
    counts = " / ".join(
        str(len(recorded[version])) if version in recorded else "-" for version in ["16", "22"]
    )
    phrases_by_version = {version: phrases(events) for version, events in recorded.items()}
    name = f"`{scenario.name}`" + ("" if scenario.plays_live else " *")
    return f"| {name} | {cell(scenario.about)} | {cell(both(phrases_by_version))} | {counts} |"


def both(phrases_by_version: dict[str, list[str]]) -> str:
    """Return the phrases of the newest version, and the differences of the other one."""
    newest = max(phrases_by_version)
    text = joined(phrases_by_version[newest])
    if len(phrases_by_version) == 1:
        return f"{text}<br>Only on {newest}."
    older, newer = Counter(phrases_by_version["16"]), Counter(phrases_by_version["22"])
    if older == newer:
        return text
    instead = joined([*(newer - older).elements()]) or "nothing"
    differs = joined([*(older - newer).elements()]) or "nothing"
    return f"{text}<br>**16** sends {differs} **instead of** {instead}."


def joined(all_phrases: list[str]) -> str:
    """Join phrases in order; repeated ones are counted."""
    runs: list[tuple[str, int]] = []
    for phrase in all_phrases:
        if runs and runs[-1][0] == phrase:
            runs[-1] = (phrase, runs[-1][1] + 1)
        else:
            runs.append((phrase, 1))
    return " · ".join(phrase if count == 1 else f"{phrase} ×{count}" for phrase, count in runs)


def cell(text: str) -> str:
    """Escape text for a table cell."""
    return text.replace("|", "\\|")


def events_of(scenario: Scenario, version: str) -> list[Message]:
    """Return the recorded events of a scenario."""
    file = RECORDINGS / version / f"{scenario.name}.ami"
    return [message for message in messages(Path(file).read_bytes()) if message.get("Event")]


def phrases(events: list[Message]) -> list[str]:
    """Return a phrase for each event worth listing, in order."""
    found = []
    for event in events:
        phrase_of = PHRASES.get(event["Event"])
        phrase = phrase_of(event) if phrase_of is not None else ""
        if phrase:
            found.append(phrase)
    return found


def endpoint(channel: str) -> str:
    """``PJSIP/101-0000002a`` → ``101``; a ``Local`` channel keeps its kind."""
    name = re.sub(r"-[0-9a-f]{8}(;[12])?$", "", channel)
    technology, _, rest = name.partition("/")
    return rest if technology == "PJSIP" else f"{technology}/{rest}"


def dial_end(event: Message) -> str:
    """Return the endpoint of a dialling, its result, and where it was forwarded."""
    forward = f" → {event['Forward'].partition('@')[0]}" if event.get("Forward") else ""
    return f"DialEnd {endpoint(event['DestChannel'])} {event['DialStatus']}{forward}"


def hangup(event: Message) -> str:
    """Return the hangup of a phone with its cause; empty for other channels."""
    name = endpoint(event["Channel"])
    return f"Hangup {name} {event['Cause']}" if re.search(r"(^|SIP/)\d+$", name) else ""


def of(name: str, header: str, *, channel: bool = True) -> Callable[[Message], str]:
    """Return a function for the event's name and one of its headers."""
    return lambda event: f"{name} {endpoint(event.get(header, '')) if channel else event[header]}"


PHRASES: dict[str, Callable[[Message], str]] = {
    "DialBegin": of("DialBegin", "DestChannel"),
    "DialEnd": dial_end,
    "Hangup": hangup,
    "AgentCalled": of("AgentCalled", "Interface"),
    "AgentConnect": of("AgentConnect", "Interface"),
    "AgentRingNoAnswer": of("AgentRingNoAnswer", "Interface"),
    "QueueCallerJoin": of("QueueCallerJoin", "Queue", channel=False),
    "QueueCallerAbandon": of("QueueCallerAbandon", "Queue", channel=False),
    "QueueCallerLeave": of("QueueCallerLeave", "Queue", channel=False),
    "BlindTransfer": of("BlindTransfer", "Extension", channel=False),
    "AttendedTransfer": of("AttendedTransfer", "DestType", channel=False),
    "Pickup": of("Pickup", "Channel"),
    "Hold": of("Hold", "Channel"),
    "Unhold": of("Unhold", "Channel"),
    "ChanSpyStart": of("ChanSpyStart", "SpyeeChannel"),
    "ChanSpyStop": of("ChanSpyStop", "SpyeeChannel"),
    "ParkedCall": of("ParkedCall", "ParkingSpace", channel=False),
    "UnParkedCall": of("UnParkedCall", "RetrieverChannel"),
    "ParkedCallTimeOut": of("ParkedCallTimeOut", "ParkingSpace", channel=False),
    "ParkedCallGiveUp": of("ParkedCallGiveUp", "ParkingSpace", channel=False),
    "OriginateResponse": of("OriginateResponse", "Response", channel=False),
    "ConfbridgeJoin": of("ConfbridgeJoin", "Channel"),
    "LocalOptimizationBegin": of("LocalOptimizationBegin", "LocalOneChannel"),
    "Shutdown": of("Shutdown", "Shutdown", channel=False),
}
