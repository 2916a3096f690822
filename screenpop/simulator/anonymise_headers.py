"""Which AMI headers hold ids, dialplan words, technical text or words of people.

Whatever is not listed counts as words of people: a header or channel variable of the office's own
is made anonymous, not passed on.
"""

import re
from enum import Enum

_CHANNEL_PARTS = (
    "Uniqueid|UniqueId|UniqueID|Linkedid|Language|Priority|ChannelState|ChannelStateDesc|BridgeId"
    "|BridgeID|BridgeType|BridgeTechnology|BridgeNumChannels|BridgeCreator|BridgeVideoSourceMode"
)
_KEPT = (
    "Event|Response|ActionID|Privilege|Timestamp|EventList|ListItems|Items|Ping|SystemName|Uptime"
    "|LastReload|CoreStartupTime|CoreStartupDate|CoreReloadTime|CoreReloadDate|CoreCurrentCalls"
    "|CoreProcessedCalls|EventTV|SessionTV|SessionID|EventVersion|Severity|Service|Module|Shutdown"
    "|Restart|Cause|Cause-txt|TechCause|CID-CallingPres|CallID|PriorCallID|LastCall|LastPause"
    "|LoginTime|CallsTaken|Penalty|InCall|Paused|Ringinuse|Wrapuptime|Membership|Position|Count"
    "|Calls|Completed|Abandoned|Holdtime|HoldTime|TalkTime|RingTime|Wait|Max|Weight|ServiceLevel"
    "|ServicelevelPerf|ServicelevelPerf2|Available|LoggedIn|LongestHoldTime|OriginalPosition"
    "|LocalOptimization|Result|IsExternal|Seconds|TimeToHangup|Duration|BillableSeconds|StartTime"
    "|AnswerTime|EndTime|Disposition|AMAFlags|New|Old|Waiting|Type|DestType|Callgroup|Pickupgroup"
    "|Readformat|Writeformat|Readtrans|Writetrans|Nativeformats|UsingPassword|Admin|Muted|Success"
    "|ParkingDuration|ParkingSpace|ParkingTimeout|StatusText|DialStatus|State|Presentity|To|From"
    "|SubEvent|Direction|PT|Latency|DTLS|SSRC|Digit|DurationMs"
)
_DIALPLAN = (
    "Context|Queue|Parkinglot|Class|MusicClass|Conference|Application|AppFunction|LastApplication"
    "|DestinationContext|Strategy|Status|Message|DestApp|BridgeName|AppFile|AppLine|Reason"
)
_TECHNICAL = (
    "Channel|DialString|Dialstring|Exten|Extension|Interface|StateInterface|Location|Hint|Device"
    "|AppData|ApplicationData|Data|LastData|Mailbox|Contact|AOR|Endpoint|Forward|DestinationChannel"
    "|Destination|RemoteAddress|LocalAddress|Address|Port|Id|ObjectName|EndpointName|ChannelType"
    "|Peer|PeerStatus|CallsCounter"
)


class HeaderKind(Enum):
    KEPT = "kept"
    """Ids, times, counts and words of the protocol: nothing changes."""
    DIALPLAN = "dialplan"
    """Names of contexts, queues and applications: only numbers change."""
    TECHNICAL = "technical"
    """Channels, extensions, dial strings: numbers, and names that people have elsewhere."""
    FREE = "free"
    """Words of people: numbers and every word."""


_PATTERNS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (f"(?:[A-Z][A-Za-z]*)?(?:{_CHANNEL_PARTS})|{_KEPT}", HeaderKind.KEPT),
        (f"(?:[A-Z][A-Za-z]*)?Context|{_DIALPLAN}", HeaderKind.DIALPLAN),
        (f"(?:[A-Z][A-Za-z]*)?(?:Channel|Exten|DialString)|{_TECHNICAL}", HeaderKind.TECHNICAL),
    )
)
_TECHNICAL_VARIABLE = re.compile(
    r"DIAL(?:STATUS|EDPEERNUMBER|EDPEERNAME)|BRIDGE\w*"
    r"|QUEUE\w*|CHANNEL\(.*\)|HANGUPCAUSE\w*|SIPDOMAIN|SIPCALLID"
    r"|CALLERID\(\w*-?pres\)|CONNECTEDLINE\(\w*-?pres\)|MACRO_\w+|GOSUB\w*|TRANSFER\w*|ATTENDED\w*"
    r"|BLINDTRANSFER|SIPTRANSFER|PICKUPMARK|FORWARDERNAME|LOCAL\(.*\)|__?\w*CONTEXT"
)


_MEASURED = re.compile(r"RTP(?:AUDIO|VIDEO)\w*|\w*TIME(?:_MS)?")


def header_kind(name: str) -> HeaderKind:
    """Return what a header holds; ``FREE`` for one that is not known."""
    for pattern, kind in _PATTERNS:
        if pattern.fullmatch(name):
            return kind
    return HeaderKind.FREE


def variable_kind(name: str) -> HeaderKind:
    """Return what the channel variable of this name holds; ``FREE`` for one of the dialplan."""
    if _MEASURED.fullmatch(name.strip()):
        return HeaderKind.KEPT
    known = _TECHNICAL_VARIABLE.fullmatch(name.strip())
    return HeaderKind.TECHNICAL if known else HeaderKind.FREE
