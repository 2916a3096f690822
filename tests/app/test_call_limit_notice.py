"""More live calls than are kept: reported on every page while it lasts, and once in the log."""

from structlog.testing import capture_logs

from screenpop.app.call_limit_notice import CallLimitNotice
from screenpop.app.pbx_links import english_catalogue
from screenpop.asterisk.limits import MOST_CALLS
from screenpop.service.pbx_status import PbxProblem, PbxStatus
from screenpop.telephony.identifiers import PbxId

OFFICE = PbxId("office")
LIVE = PbxStatus(OFFICE, "live", 1.0)
TOO_MANY = PbxProblem("too_many_calls", {"limit": str(MOST_CALLS)})


def notice() -> tuple[CallLimitNotice, list[PbxStatus]]:
    shown: list[PbxStatus] = []
    crowd = CallLimitNotice(OFFICE, shown.append, english_catalogue())
    crowd.link_changed(LIVE)
    return crowd, shown


def test_too_many_calls_are_reported_once_in_the_log_and_on_the_pages() -> None:
    crowd, shown = notice()
    with capture_logs() as logged:
        crowd.calls_closed()
        crowd.calls_closed()
    assert [one.problem for one in shown] == [None, TOO_MANY]
    (line,) = logged
    assert line["log_level"] == "warning"
    assert str(MOST_CALLS) in line["event"]
    assert "core show channels" in line["event"]


def test_it_leaves_the_pages_after_a_whole_minute_without_another() -> None:
    crowd, shown = notice()
    crowd.calls_closed()
    crowd.listed()
    assert shown[-1].problem == TOO_MANY
    crowd.listed()
    assert shown[-1] == LIVE
    with capture_logs() as logged:
        crowd.calls_closed()
    assert len(logged) == 1


def test_a_problem_of_the_link_itself_comes_first() -> None:
    crowd, shown = notice()
    crowd.calls_closed()
    down = PbxStatus(OFFICE, "down", 2.0, PbxProblem("refused", {}))
    crowd.link_changed(down)
    assert shown[-1] == down
    crowd.link_changed(LIVE)
    assert shown[-1].problem == TOO_MANY
