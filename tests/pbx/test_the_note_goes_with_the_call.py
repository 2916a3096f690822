"""What an agent wrote down is read by the next one before the phone is picked up."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.stage import Stage
from tests.pbx.staff import Office

NOTE = "asks for a visa before Friday <b>&amp;"


def test_the_receiver_of_a_transfer_reads_the_note_before_pickup(
    office: Office, stage: Stage
) -> None:
    number = office.product.newest_call()
    stage.phone("101", 0.6)
    stage.phone("102", 1.0)
    customer = stage.call("02191001101")
    agent = stage.until_talks("101")
    maryam, eleni = office.at("101"), office.at("102")
    maryam.until(customer.invite.at, what="card", state="talking")
    maryam.write(NOTE)
    keypad.transfer(agent, "102")
    answered = stage.until_talks("102").answered
    card = eleni.until(customer.invite.at, what="card", state="ringing")
    assert answered is not None
    assert card.at < answered.at
    assert "Maryam" in card.transfer
    assert NOTE in card.transfer
    stage.hang_up(customer)
    [logged] = office.product.calls_after(number, 1)
    assert [note["text"] for note in logged["notes"]] == [NOTE]
