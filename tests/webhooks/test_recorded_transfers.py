"""Who really has a call after a transfer, in recordings of a real PBX."""

from pathlib import Path

import pytest

from screenpop.service.effects import LogCall
from screenpop.webhooks.call_events import call_events
from tests.service.recorded import hear
from tests.service.service_under_test import ELENI, MARYAM

RECORDINGS = Path(__file__).parents[1] / "scenarios" / "lab"
ANSWERED = ("call.answered", int(MARYAM))
PASSED_ON = [ANSWERED, ("call.transferred", int(ELENI)), ("call.ended", int(ELENI))]
STAYS = [ANSWERED, ("call.ended", int(MARYAM))]


@pytest.mark.parametrize("version", ["16", "22"])
def test_the_agent_of_an_event_is_that_of_the_last_talk_after_every_kind_of_transfer(
    version: str,
) -> None:
    for name, expected in (
        ("attended_transfer_refer", PASSED_ON),
        ("attended_transfer_feature_code", PASSED_ON),
        ("blind_transfer_refer", PASSED_ON),
        ("queue_attended_transfer_refer", PASSED_ON),
        ("attended_transfer_broken_off", STAYS),
    ):
        effects = hear(RECORDINGS / version / f"{name}.ami").office.effects
        records = [effect.record for effect in effects if isinstance(effect, LogCall)]
        events = [one for record in records for one in call_events(record, 0.0)]
        found = [(one.type.value, one.agents[0]) for one in events[1:]]
        assert found == expected, name
