"""Proposes trunks, people with phones, lines and queues from the lists of a PBX."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from screenpop.agents.queue_interfaces import endpoint_of_interface
from screenpop.common.text import display_text
from screenpop.discovery.lines import Line, dialled_lines
from screenpop.discovery.pbx_lists import Device, PbxLists, Unread
from screenpop.discovery.usernames import language_of, usernames

MAX_PEOPLE = 500
"""People proposed at once; more are counted. Each becomes a user with a password to hand out."""
MAX_TRUNKS = 100
MAX_QUEUES = 200
MAX_NAME = 80
"""Characters of a person's name."""
LONGEST_EXTENSION = 6
"""Digits; a longer name of digits is an account at a provider."""

_INBOUND_CONTEXT = re.compile(
    r"(from-(trunk|pstn|did|sip-external|external|provider|digital|analog|dahdi|zaptel)|ext-did"
    r"|incoming|inbound|trunk|pstn)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")


class Layout(StrEnum):
    PLAIN = "plain"
    FREEPBX = "freepbx"
    """FreePBX or Issabel: both write AMPUSER and DEVICE into Asterisk's database."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with phones, who becomes a user."""

    extension: str
    """The number that colleagues dial, else the name of the phone."""
    name: str
    """As the PBX has it; empty if it has none."""
    username: str
    language: str
    """``fa`` or ``el`` by the letters of the name; empty for the office's language."""
    phones: tuple[str, ...]
    queues: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        return self.name or self.extension


@dataclass(frozen=True, slots=True)
class Proposal:
    layout: Layout
    version: str
    trunks: tuple[str, ...]
    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    queues: tuple[str, ...]
    unread: tuple[Unread, ...]
    left_out: int = 0
    """People and trunks beyond the limits."""
    technology: str = "PJSIP"
    """Of most phones: ``PJSIP`` or ``SIP``."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """Patterns for ``number_plan.extensions`` that fit every phone and no trunk."""
        names = sorted({phone for one in self.people for phone in one.phones})
        short = [n for n in names if _DIGITS.fullmatch(n) and len(n) <= LONGEST_EXTENSION]
        patterns = sorted({f"{n[0]}{'X' * (len(n) - 1)}" for n in short}, key=lambda p: (len(p), p))
        taken = {(t[0], len(t)) for t in self.trunks if _DIGITS.fullmatch(t)}
        kept = [p for p in patterns if (p[0], len(p)) not in taken]
        alone = [n for n in short if (n[0], len(n)) in taken]
        return (*kept, *alone)


@dataclass(frozen=True, slots=True)
class ChosenItems:
    """The parts of a proposal that were confirmed, by name, extension or number."""

    trunks: frozenset[str]
    extensions: frozenset[str]
    """Of people."""
    lines: frozenset[str]
    queues: frozenset[str]

    def of(self, proposal: Proposal) -> Proposal:
        """Return the confirmed part; a phone that was left out is still no trunk."""
        return replace(
            proposal,
            trunks=tuple(one for one in proposal.trunks if one in self.trunks),
            people=tuple(one for one in proposal.people if one.extension in self.extensions),
            lines=tuple(one for one in proposal.lines if one.number in self.lines),
            queues=tuple(one for one in proposal.queues if one in self.queues),
        )


def propose(lists: PbxLists) -> Proposal:
    """Return the proposal. Never fails, whatever the PBX sent; names are cleaned for pages."""
    evidence = _Evidence.of(lists)
    devices = lists.devices()
    phones = [one for one in devices if evidence.is_phone(one)]
    trunks = sorted({one.name for one in devices if not evidence.is_phone(one)})
    # One name cannot be a phone and a trunk: channels are compared by name alone.
    trunks = [one for one in trunks if one not in {phone.name for phone in phones}]
    people, people_left_out = _people(phones, evidence)
    names = {one.extension: one.display_name for one in people}
    sip = sum(phone.technology == "SIP" for phone in phones)
    return Proposal(
        layout=evidence.layout,
        version=display_text(lists.version, 40),
        trunks=tuple(trunks[:MAX_TRUNKS]),
        people=tuple(people),
        lines=dialled_lines(
            lists.events("ShowDialPlan", "ListDialplan"), _INBOUND_CONTEXT.match, names
        ),
        queues=_queues(lists)[:MAX_QUEUES],
        unread=lists.unread,
        left_out=people_left_out + len(trunks[MAX_TRUNKS:]),
        technology="SIP" if sip * 2 > len(phones) else "PJSIP",
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the lists have about devices, by name."""

    layout: Layout
    extension_of: Mapping[str, str]
    """The extension that rings a device."""
    people: Mapping[str, str]
    """The name of an extension or device."""
    member_of: Mapping[str, tuple[str, ...]]
    """The queues of an extension or device."""
    contexts: Mapping[Device, str]

    @classmethod
    def of(cls, lists: PbxLists) -> "_Evidence":
        users = {name: value for name, key, value in lists.database("AMPUSER") if key == "cidname"}
        owners = {name: user for name, key, user in lists.database("DEVICE") if key == "user"}
        has_users = any(True for _ in lists.database("AMPUSER"))
        extensions = {device.name: extension for extension, device in reversed([*lists.hints()])}
        # FreePBX writes "none" for a device without a user.
        extensions |= {name: user for name, user in owners.items() if user not in {"", "none"}}
        return cls(
            Layout.FREEPBX if has_users or owners else Layout.PLAIN,
            extensions,
            {**_other_names(lists), **{name: text for name, text in users.items() if text.strip()}},
            _memberships(lists),
            {device: details.context for device, details in lists.details.items()},
        )

    def is_phone(self, device: Device) -> bool:
        """Decide by hint, owner or queue, then by context, then by the name."""
        if device.name in self.extension_of or device.name in self.member_of:
            return True
        context = self.contexts.get(device, "")
        if context:
            return _INBOUND_CONTEXT.match(context) is None
        return _is_extension(device.name)

    def name_of(self, *keys: str) -> str:
        """Return the first name that is not just a number."""
        names = (display_text(self.people.get(key, ""), MAX_NAME) for key in keys)
        return next((name for name in names if name and not _DIGITS.fullmatch(name)), "")


def _other_names(lists: PbxLists) -> dict[str, str]:
    """Return names of mailboxes, queue members and caller ids, the last ones first choice."""
    found: dict[str, str] = {}
    for row in lists.events("VoicemailUsersList", "VoicemailUserEntry"):
        found[row.get("VoiceMailbox")] = row.get("Fullname")
    for row in lists.events("QueueStatus", "QueueMember"):
        name = row.get("Name")
        for key in _member_keys(row.get("Location"), row.get("StateInterface")):
            if "/" not in name:
                found[key] = name
    for device, details in lists.details.items():
        if details.name.strip():
            found[device.name] = details.name
    return found


def _memberships(lists: PbxLists) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in lists.events("QueueStatus", "QueueMember"):
        queue = display_text(row.get("Queue"), MAX_NAME)
        for key in _member_keys(row.get("Location"), row.get("StateInterface")):
            queues = found.get(key, ())
            if queue and queue not in queues and len(queues) < MAX_QUEUES:
                found[key] = (*queues, queue)
    return found


def _member_keys(*interfaces: str) -> Iterator[str]:
    endpoints = {endpoint_of_interface(interface) for interface in interfaces}
    return (str(endpoint) for endpoint in endpoints if endpoint)


def _people(phones: list[Device], evidence: _Evidence) -> tuple[list[Person], int]:
    """Return at most ``MAX_PEOPLE``, the shortest numbers first, and how many more there are."""
    grouped: dict[str, list[str]] = {}
    for phone in phones:
        extension = display_text(evidence.extension_of.get(phone.name, phone.name), MAX_NAME)
        names = grouped.setdefault(extension or phone.name, [])
        if phone.name not in names:
            names.append(phone.name)
    order = sorted(grouped, key=lambda one: (not _DIGITS.fullmatch(one), len(one), one))
    left_out, order = len(order[MAX_PEOPLE:]), order[:MAX_PEOPLE]
    named = {one: evidence.name_of(one, *grouped[one]) for one in order}
    chosen = usernames([(one, named[one]) for one in order])
    people = []
    for one in order:
        queues = {
            queue for key in (one, *grouped[one]) for queue in evidence.member_of.get(key, ())
        }
        name = named[one]
        phone_names = tuple(sorted(grouped[one], key=lambda p: (p != one, p)))
        person = Person(
            one, name, chosen[one], language_of(name), phone_names, tuple(sorted(queues))
        )
        people.append(person)
    return people, left_out


def _queues(lists: PbxLists) -> tuple[str, ...]:
    names = {row.get("Queue") for row in lists.events("QueueStatus", "QueueParams")}
    # app_queue lists a queue named "default" whenever queues.conf has none.
    usable = {n for n in names if n and n != "default" and display_text(n, MAX_NAME) == n}
    return tuple(sorted(usable))


def _is_extension(name: str) -> bool:
    return bool(_DIGITS.fullmatch(name)) and len(name) <= LONGEST_EXTENSION
