"""What is logged of a message of the PBX that cannot be read."""

import pytest

from screenpop.asterisk.ami_framing import BadMessage, BadReason


@pytest.mark.defends("logs-without-names")
def test_a_bad_message_is_logged_by_its_type_and_nothing_that_it_holds() -> None:
    for head, name in (
        (b"Event: Newchannel\r\nCallerIDName: Karimi", "Event: Newchannel"),
        (b"Response: Success", "Response: Success"),
        (b"Event: Karimi +98912\r\n", ""),
        (b"CallerIDName: Karimi\r\nEvent: Newchannel", ""),
        (b"Event: " + b"x" * 41, ""),
        (b"", ""),
    ):
        assert BadMessage(BadReason.MALFORMED, head).type_name == name
