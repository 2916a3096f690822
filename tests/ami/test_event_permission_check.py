import pytest

from screenpop.ami.event_permission_check import EventPermissionCheck
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import DIALLED_APPLICATIONS, PbxSnapshot
from screenpop.telephony.identifiers import BootId


def audit(*rows: tuple[str, str, str], audit: bool = True) -> PbxSnapshot:
    channels = tuple(
        AmiMessage({"Uniqueid": uniqueid, "Application": application, "Duration": duration})
        for uniqueid, application, duration in rows
    )
    return PbxSnapshot(BootId("b"), channels, (), audit=audit)


@pytest.mark.parametrize("application", sorted(DIALLED_APPLICATIONS))
@pytest.mark.parametrize("duration", ["00:00:05", "00:00:20", "01:00:00"])
def test_a_new_phone_without_a_single_event_means_hidden_events(
    application: str, duration: str
) -> None:
    watch = EventPermissionCheck()
    assert not watch.hidden(audit(audit=False), 3)
    assert watch.hidden(audit(("1.2", application, duration)), 3)


@pytest.mark.parametrize(
    ("row", "delivered"),
    [
        (("1.2", "AppDial", "00:00:20"), 4),
        (("1.2", "AppDial", "00:00:04"), 3),
        (("1.2", "AppDial", ""), 3),
        (("1.2", "AppDial", "x:²:1"), 3),
        (("1.2", "Playback", "00:00:20"), 3),
        (("1.1", "AppQueue", "01:00:20"), 3),
    ],
)
def test_anything_else_is_no_proof(row: tuple[str, str, str], delivered: int) -> None:
    watch = EventPermissionCheck()
    watch.hidden(audit(("1.1", "AppQueue", "00:00:20"), audit=False), 3)
    assert not watch.hidden(audit(row), delivered)


def test_a_resync_proves_nothing_for_it_comes_after_a_gap() -> None:
    watch = EventPermissionCheck()
    assert not watch.hidden(audit(("1.2", "AppDial", "00:00:20"), audit=False), 0)
