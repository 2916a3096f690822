import pytest

from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.pending_actions import ActionReply, PendingActions
from screenpop.ami.problem_codes import ProblemCode, problem
from screenpop.asterisk.ami_message import AmiMessage

CLOSED = problem(ProblemCode.CLOSED)


def reply(action_id: str) -> AmiMessage:
    return AmiMessage({"Response": "Success", "ActionID": action_id})


def test_each_reply_goes_to_its_own_waiter_in_any_order() -> None:
    replies = PendingActions()
    with replies.expected("a") as a, replies.expected("b") as b:
        replies.match([reply("b"), reply("x"), AmiMessage({"Response": "Error"}), reply("a")])
        assert (a.result(0).action_id, b.result(0).action_id) == ("a", "b")


def test_a_second_or_late_reply_is_ignored() -> None:
    replies = PendingActions()
    with replies.expected("a") as a:
        replies.match([reply("a"), reply("a")])
    replies.match([reply("a")])
    assert a.done()


def test_an_event_with_our_action_id_is_no_reply() -> None:
    replies = PendingActions()
    with replies.expected("a") as a:
        fields = {"Event": "OriginateResponse", "Response": "Failure", "ActionID": "a"}
        replies.match([AmiMessage(fields)])
        assert not a.done()


def test_the_end_reaches_present_and_later_waiters() -> None:
    replies = PendingActions()
    with replies.expected("a") as a:
        replies.end(CLOSED)
        with pytest.raises(AmiConnectionError):
            a.result(0)
    with pytest.raises(AmiConnectionError), replies.expected("b"):
        pass
    assert replies.ended == CLOSED


def test_a_reply_keeps_the_repeats_beside_pyst2s_headers() -> None:
    message = AmiMessage({"Response": "Success", "Output": "a"}, (("Output", "b"),))
    answer = ActionReply(message)
    assert answer["Output"] == "a"
    assert list(answer.message.all("Output")) == ["a", "b"]
