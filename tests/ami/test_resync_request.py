import pytest

from screenpop.ami.problem_codes import LinkProblem, ProblemCode
from screenpop.ami.resync_request import ACTIONS, ResyncRequest, read_boot
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId


def status(date: str, time: str) -> AmiMessage:
    fields = {"Response": "Success", "CoreStartupDate": date, "CoreStartupTime": time}
    return AmiMessage(fields)


def resync(*, booted: bool = True) -> ResyncRequest:
    ids = iter(["me-0", "me-1", "me-2"])
    return ResyncRequest(
        BootId("b"), lambda: next(ids), booted=booted, audit=False, done=lambda outcome: None
    )


def finish(asked: ResyncRequest, *left_out: str, **refused: str) -> None:
    for action, answer in asked.answers.items():
        mine = {"ActionID": answer.action_id}
        if action in refused:
            answer.take(AmiMessage({"Response": "Error", "Message": refused[action], **mine}))
        elif action not in left_out:
            answer.take(AmiMessage({"Response": "Success", "EventList": "start", **mine}))
            end = {"EventList": "Complete", "ListItems": "0", **mine}
            answer.take(AmiMessage({"Event": "End", **end}))


def test_the_boot_is_the_start_up_time_in_the_pbxs_own_words() -> None:
    assert read_boot(status("2026-11-22", "02:43:37")) == "2026-11-22T02:43:37"


@pytest.mark.parametrize("date", ["1970-01-01", "1969-12-31"])
def test_a_start_up_time_of_1970_means_still_booting(date: str) -> None:
    boot = read_boot(status(date, "00:00:00"))
    assert isinstance(boot, LinkProblem)
    assert boot.code is ProblemCode.NOT_BOOTED


@pytest.mark.parametrize(("date", "time"), [("", ""), ("today", "02:43:37"), ("2026-11-22", "x")])
def test_no_start_up_time_is_an_incomplete_answer(date: str, time: str) -> None:
    boot = read_boot(status(date, time))
    assert isinstance(boot, LinkProblem)
    assert boot.params == {"action": "CoreStatus"}


def test_it_asks_three_lists_each_under_its_own_id() -> None:
    asked = resync().actions()
    assert [action["Action"] for action in asked] == list(ACTIONS)
    assert len({action["ActionID"] for action in asked}) == 3


def test_nothing_comes_out_before_every_list_has_ended() -> None:
    for missing in ACTIONS:
        asked = resync()
        finish(asked, missing)
        assert asked.outcome() is None
        assert asked.unanswered().params == {"action": missing}


def test_three_empty_lists_are_a_snapshot_of_a_quiet_pbx() -> None:
    asked = resync()
    finish(asked)
    assert asked.outcome() == PbxSnapshot(BootId("b"), (), ())


@pytest.mark.parametrize("action", ACTIONS)
def test_no_permission_is_a_refused_class(action: str) -> None:
    asked = resync()
    finish(asked, **{action: "Permission denied"})
    outcome = asked.outcome()
    assert isinstance(outcome, LinkProblem)
    assert outcome.code is ProblemCode.CLASS_REFUSED
    assert outcome.params == {"action": action, "missing": "reporting"}


def test_an_unknown_queue_status_before_the_modules_are_loaded_means_still_booting() -> None:
    asked = resync(booted=False)
    finish(asked, QueueStatus="Invalid/unknown command: QueueStatus.")
    outcome = asked.outcome()
    assert isinstance(outcome, LinkProblem)
    assert outcome.code is ProblemCode.NOT_BOOTED


def test_only_queues_may_be_unknown() -> None:
    reply = "Invalid/unknown command: x"
    quiet = resync()
    finish(quiet, QueueStatus=reply)
    assert isinstance(quiet.outcome(), PbxSnapshot)
    for action in ("Status", "CoreShowChannels"):
        asked = resync()
        finish(asked, **{action: reply})
        outcome = asked.outcome()
        assert isinstance(outcome, LinkProblem)
        assert outcome.code is ProblemCode.ACTION_REFUSED
