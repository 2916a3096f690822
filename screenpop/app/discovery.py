"""Reads from a PBX what ``discovery`` makes a proposal from; changes nothing there.

Classes of the actions, as ``ListCommands`` of 16.28 and 22.10 report them: all need ``reporting``
or none, except for ``PJSIPShowEndpoints`` (``system``, which would also permit to restart the PBX).
``DeviceStateList`` has the same endpoints, and ``Getvar`` with a dialplan function has their caller
ids and contexts.
"""

import asyncio
import re
from contextlib import suppress

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.errors import AmiError
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, problem
from screenpop.app.doctor_findings import PbxActions
from screenpop.asterisk.action_list import CompleteList, ListFailure, ListOutcome
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.discovery.pbx_lists import (
    Device,
    DeviceDetails,
    PbxLists,
    Unread,
    UnreadReason,
    caller_id_name,
)
from screenpop.web.translations import Catalogue

LIVE_WITHIN_S = 15.0
"""Seconds until a PBX that has not accepted the login is reported as silent."""
READ_WITHIN_S = 60.0
"""Seconds for all lists and details together; what is missing then is reported."""
MAX_DETAILS = 600
"""Devices whose caller id and context are read, one by one."""

_LISTS = (
    ("DeviceStateList", ""),
    ("PJSIPShowEndpoints", ""),
    ("SIPpeers", ""),
    ("ExtensionStateList", ""),
    ("QueueStatus", ""),
    ("DBGetTree", "AMPUSER"),
    ("DBGetTree", "DEVICE"),
    ("VoicemailUsersList", ""),
    ("ShowDialPlan", ""),
)
_DISPENSABLE = frozenset({"PJSIPShowEndpoints", "SIPpeers", "VoicemailUsersList", "QueueStatus"})
"""Lists that a PBX may lack, without chan_sip, voicemail or queues, or that others replace."""
_FUNCTIONS = {
    "PJSIP": ("PJSIP_ENDPOINT({},callerid)", "PJSIP_ENDPOINT({},context)"),
    "SIP": ("SIPPEER({},callerid_name)", "SIPPEER({},context)"),
}
_IN_A_FUNCTION = re.compile(r"[A-Za-z0-9_.+-]+")
"""Names that cannot end the argument of a dialplan function or begin another."""


class DiscoveryError(Exception):
    """The PBX cannot be read; ``problem`` has a sentence in ``pbx_links.problem_sentence``."""

    def __init__(self, why: LinkProblem) -> None:
        super().__init__(str(why.code))
        self.problem = why


async def discover(address: AmiConfig, within_s: float = READ_WITHIN_S) -> PbxLists:
    """Log in, read everything, log off. Raises ``DiscoveryError``."""
    ended = asyncio.Event()
    problems: list[LinkProblem] = []

    def on_state(state: LinkState, _: float, why: LinkProblem | None) -> None:
        if why is not None:
            problems[:] = [why]
        if state is LinkState.LIVE or (state is LinkState.DOWN and why is not None):
            ended.set()

    link = AmiClient(
        address,
        wanted=frozenset(),
        on_messages=lambda _batch, _at: None,
        on_snapshot=lambda _snapshot, _at: None,
        on_state=on_state,
    )
    running = asyncio.create_task(link.run())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(LIVE_WITHIN_S):
                await ended.wait()
        if link.state is not LinkState.LIVE:
            silent = problem(ProblemCode.TIMED_OUT, doing="the login", after_s=f"{LIVE_WITHIN_S:g}")
            raise DiscoveryError(problems[0] if problems else silent)
        return await read_lists(link, within_s)
    except AmiError as error:
        raise DiscoveryError(error.problem) from error
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def read_lists(pbx: PbxActions, within_s: float = READ_WITHIN_S) -> PbxLists:
    """Return all lists that the PBX gives in time. Raises ``AmiError`` if the link is lost."""
    rows: dict[str, tuple[AmiMessage, ...]] = {}
    details: dict[Device, DeviceDetails] = {}
    unread: list[Unread] = []
    version = (await pbx.send("CoreSettings")).get("AsteriskVersion")
    reading = ""
    try:
        async with asyncio.timeout(within_s):
            for action, family in _LISTS:
                reading = action
                family_header = {"Family": family} if family else {}
                outcome = await pbx.list_action(action, **family_header)
                name = f"{action} {family}" if family else action
                rows[name] = outcome.items if isinstance(outcome, CompleteList) else ()
                unread += _unread(action, outcome)
            reading = "Getvar"
            devices = PbxLists(rows).devices()
            named = [one for one in devices if _is_asked(one)][:MAX_DETAILS]
            for device in named:
                details[device] = await _details(pbx, device)
    except TimeoutError:
        unread.append(Unread(reading, UnreadReason.INCOMPLETE))
    if PbxLists(rows).devices():
        unread = [one for one in unread if one.action not in _DISPENSABLE or _is_cut_off(one)]
    return PbxLists(rows, details, tuple(dict.fromkeys(unread)), version)


def _unread(action: str, outcome: ListOutcome) -> list[Unread]:
    if isinstance(outcome, CompleteList) or outcome.failure is ListFailure.NOT_A_LIST:
        return []  # "There are no voicemail users currently defined."
    if outcome.failure is not ListFailure.REFUSED:
        return [Unread(action, UnreadReason.INCOMPLETE)]
    if outcome.message.startswith("Permission denied"):
        return [Unread(action, UnreadReason.REFUSED)]
    if outcome.message.startswith("Invalid/unknown command"):
        return [Unread(action, UnreadReason.UNKNOWN)]
    return []  # an empty list: "No dialplan hints are available"


def _is_cut_off(one: Unread) -> bool:
    return one.reason is UnreadReason.INCOMPLETE


def _is_asked(device: Device) -> bool:
    return device.technology in _FUNCTIONS and bool(_IN_A_FUNCTION.fullmatch(device.name))


async def _details(pbx: PbxActions, device: Device) -> DeviceDetails:
    caller_id, context = [
        (await pbx.send("Getvar", Variable=function.format(device.name))).get("Value")
        for function in _FUNCTIONS[device.technology]
    ]
    name = caller_id_name(caller_id) if device.technology == "PJSIP" else caller_id
    return DeviceDetails(name, context)


def unread_sentence(one: Unread, catalogue: Catalogue) -> str:
    """Return what could not be read and, where a line of Asterisk's files would allow it, which."""
    line = missing_line(one)
    return catalogue.gettext(f"setup_unread.{unread_code(one)}", action=one.action, line=line)


def unread_code(one: Unread) -> str:
    """Return the code of the sentence ``setup_unread.*``."""
    if missing_line(one) or one.reason is UnreadReason.INCOMPLETE:
        return one.reason.value
    return "absent"


def missing_line(one: Unread) -> str:
    """Return the line of Asterisk's configuration that would allow a list; empty if none would."""
    match one.reason:
        case UnreadReason.REFUSED if one.action == "PJSIPShowEndpoints":
            return "write = reporting,system"
        case UnreadReason.REFUSED:
            return "write = reporting"
        case UnreadReason.UNKNOWN if one.action == "DeviceStateList":
            return "load = res_manager_devicestate.so"
        case _:
            return ""
