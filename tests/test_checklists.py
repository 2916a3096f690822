"""The checklists of CONTRIBUTING.md: each forgotten place is named by a test.

Words, plurals and codes of the catalogue are in ``tests/browser/test_words.py``, the protocol page
in ``tests/protocol/test_protocol_page.py``, the table of settings in ``tests/test_settings.py``.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from screenpop.asterisk import ami_events, tracker
from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.queue_member_events import QUEUE_MEMBER_EVENTS
from screenpop.cards.card import CallerPart, CallPart, Card, CardState
from screenpop.cards.compose import compose_with_part
from screenpop.customers.models import LANGUAGES
from screenpop.offers.rules import RULES, Rule
from screenpop.protocol import client_messages
from screenpop.service.call_session import ON
from screenpop.settings import settings_of

ROOT = Path(__file__).parents[1]
PROTOCOL = (ROOT / "docs" / "websocket-protocol.md").read_text("utf-8")
MANAGER_CONF = (ROOT / "asterisk_conf" / "manager.d" / "screenpop.conf").read_text("utf-8")
JS = {path.name: path.read_text("utf-8") for path in (ROOT / "static" / "js").glob("*.js")}

OF_THE_PBX = {ami_events.FullyBooted, ami_events.Shutdown}
"""Events of the PBX itself, not of a call."""
OF_QUEUE_MEMBERS = set(QUEUE_MEMBER_EVENTS)
"""Events of agents in queues, handled by ``service.agent_availability``."""
NOT_PAINTED = {"agent", "arrived_at", "legs"}
"""Card fields for other clients of the protocol; our pages do not need them."""


# -- an AMI event -------------------------------------------------------------------------------


def test_every_decoded_event_has_a_step_in_the_tracker() -> None:
    decoded = set(get_args(ami_events.AmiEvent))
    assert decoded - OF_THE_PBX - OF_QUEUE_MEMBERS == set(tracker._STEPS)
    availability = (ROOT / "screenpop/service/agent_availability.py").read_text("utf-8")
    assert [event for event in OF_QUEUE_MEMBERS if event.__name__ not in availability] == []
    ami = "\n".join(path.read_text("utf-8") for path in sources("ami"))
    assert [event for event in OF_THE_PBX if f'"{event.__name__}"' not in ami] == []


def test_every_event_class_has_a_reader() -> None:
    assert {event.__name__ for event in get_args(ami_events.AmiEvent)} == WANTED_EVENTS


@pytest.mark.parametrize("event", sorted(WANTED_EVENTS))
def test_every_event_is_let_through_by_both_forms_of_the_filter(event: str) -> None:
    old_form = re.search(
        rf"^eventfilter = \^Event: \(?(?:\w+\|)*{event}[)|\[]", MANAGER_CONF, re.MULTILINE
    )
    assert old_form is not None
    assert f";eventfilter(name({event})) =" in MANAGER_CONF


@pytest.mark.parametrize("event", sorted(WANTED_EVENTS))
def test_every_event_is_in_a_recording(event: str) -> None:
    line = f"Event: {event}\r\n".encode()
    assert any(line in path.read_bytes() for path in (ROOT / "tests/scenarios").rglob("*.ami"))


# -- a card field -------------------------------------------------------------------------------


def test_every_card_field_is_painted_or_named_as_not_painted() -> None:
    names = {field.name for field in fields(Card)}
    pages = "\n".join(JS.values())
    forgotten = {name for name in names if not is_read(name, pages)}
    assert forgotten == NOT_PAINTED


def test_every_field_of_a_part_is_copied_into_the_card() -> None:
    parts = [field.name for field in (*fields(CallerPart), *fields(CallPart))]
    assert [field.name for field in fields(Card)][: len(parts)] == parts
    # The other fields are keywords of the one place that builds a card.
    own = {field.name for field in fields(Card)[len(parts) :]}
    assert set(keywords_of(compose_with_part.__code__.co_filename)) >= own


# -- a card state -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", CardState)
def test_every_card_state_is_handled_by_the_page_or_needs_nothing(state: CardState) -> None:
    pages = "\n".join(JS[name] for name in JS if name.startswith(("card", "stack", "rings")))
    assert f'"{state}"' in pages or f"{state}:" in pages or state in ON


# -- a service reminder --------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_offer_has_texts_in_all_languages_and_a_line_in_the_docs(rule: Rule) -> None:
    assert set(rule.text) == set(LANGUAGES)
    assert f"`{rule.id}`" in section("The card")


# -- a setting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["settings.md", "install.md"])
def test_every_sample_of_settings_is_valid(page: str, tmp_path: Path) -> None:
    secret = tmp_path / "ami-secret"
    secret.write_text("s3cr3t-enough")
    text = (ROOT / "docs" / page).read_text("utf-8")
    samples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert samples
    for sample in samples:
        here = re.sub(r"[a-z/]+/ami-secret", str(secret), sample)
        assert settings_of(**tomllib.loads(here)).pbx


# -- a socket message, a command, an error code -------------------------------------------------


def test_every_message_of_the_server_is_handled_by_the_page() -> None:
    documented = set(re.findall(r"^### `(\w+)`", section("Server to client"), re.MULTILINE))
    handled = set(re.findall(r'case "(\w+)":', JS["socket.js"]))
    assert handled == documented


def test_every_message_of_a_client_is_sent_by_the_page() -> None:
    sent = set(re.findall(r'type: "(\w+)"', JS["socket.js"]))
    assert sent == set(client_messages._READERS)


def test_every_error_code_of_a_command_is_in_the_docs() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sources("service", "web/websocket"))
    patterns = (r'RefusedCommand\("(\w+)"', r'"error": "(\w+)"', r'error="(\w+)"')
    codes = {code for pattern in patterns for code in re.findall(pattern, text)}
    assert len(codes) > 5
    assert sorted(code for code in codes if f"| `{code}` |" not in section("Error codes")) == []


# -- a migration --------------------------------------------------------------------------------


def test_migrations_form_one_chain_in_the_order_of_their_numbers() -> None:
    folder = ROOT / "screenpop/store/schema/migrations/versions"
    steps = sorted(folder.glob("r*.py"))
    numbers = [path.name[1:5] for path in steps]
    assert len(numbers) == len(set(numbers))
    for path, number, before in zip(steps, numbers, [None, *numbers], strict=False):
        text = path.read_text("utf-8")
        assert f'revision = "{number}"' in text, path.name
        previous = "None" if before is None else f'"{before}"'
        assert re.search(rf"^down_revision.* = {previous}$", text, re.MULTILINE), path.name


def is_read(name: str, script: str) -> bool:
    """Return whether a script reads a field by name: ``card.name`` or ``{ name } = card``."""
    destructured = rf"\{{[^{{}}]*\b{name}\b[^{{}}]*\}} = (?:this\.)?card\b"
    return re.search(rf"\bcard\.{name}\b|{destructured}", script) is not None


def keywords_of(file: str) -> Iterable[str]:
    return re.findall(r"^        (\w+)=", Path(file).read_text("utf-8"), re.MULTILINE)


def section(title: str) -> str:
    return PROTOCOL.split(f"\n## {title}\n")[1].split("\n## ")[0]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / "screenpop" / folder).rglob("*.py")]
