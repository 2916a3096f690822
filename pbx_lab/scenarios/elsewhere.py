"""Mobiles, Local channels, withheld numbers, names of systems, and calls that lead nowhere."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.configuration import Variant
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

FOLLOW_ME = "02191001103"
DIRECT = "02191001101"


@scenario()
def follow_me_mobile_answers(stage: Stage) -> list[Truth]:
    """Follow-me of 103: the desk phone and a mobile ring, the mobile answers, no confirmation."""
    stage.remember("AMPUSER/103/followme grplist", "103-09121112233#")
    stage.phone("103", None)
    stage.mobile()
    customer = stage.call(FOLLOW_ME)
    stage.until_talks("trunk")
    stage.until_stops("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "103:answered_elsewhere trunk:answered"
    return [Truth(customer, "answered", legs, did=FOLLOW_ME, answered_by=["trunk"])]


@scenario()
def follow_me_desk_answers(stage: Stage) -> list[Truth]:
    """The same; the desk phone answers."""
    stage.remember("AMPUSER/103/followme grplist", "103-09121112233#")
    stage.phone("103")
    stage.mobile(None)
    customer = stage.call(FOLLOW_ME)
    stage.until_talks("103")
    stage.until_stops("trunk")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "103:answered trunk:answered_elsewhere"
    return [Truth(customer, "answered", legs, did=FOLLOW_ME, answered_by=["103"])]


@scenario()
def follow_me_confirmed(stage: Stage) -> list[Truth]:
    """Follow-me with confirmation: the mobile answers and presses 1, only then it has the call."""
    stage.remember("AMPUSER/103/followme grplist", "103-09121112233#")
    stage.remember("AMPUSER/103/followme grpconf", "ENABLED")
    stage.phone("103", None)
    stage.mobile(media=True)
    customer = stage.call(FOLLOW_ME, media=True)
    mobile = stage.until_talks("trunk")
    stage.people_talk()
    keypad.press(mobile, "1")
    stage.until_stops("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "103:answered_elsewhere trunk:answered"
    return [Truth(customer, "answered", legs, did=FOLLOW_ME, answered_by=["trunk"])]


@scenario()
def follow_me_not_confirmed(stage: Stage) -> list[Truth]:
    """The mobile's voicemail answers and confirms nothing; then 103's desk phone is answered."""
    stage.remember("AMPUSER/103/followme grplist", "103-09121112233#")
    stage.remember("AMPUSER/103/followme grpconf", "ENABLED")
    stage.phone("103", 2.2)
    stage.mobile(0.4, media=True)
    customer = stage.call(FOLLOW_ME, media=True)
    stage.until_talks("trunk")
    stage.until_talks("103")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "103:answered trunk:answered"
    return [
        Truth(
            customer,
            "answered",
            legs,
            did=FOLLOW_ME,
            answered_by=["103"],
            note="the mobile said 200 OK but never took the call",
        )
    ]


@scenario()
def queue_follow_me(stage: Stage) -> list[Truth]:
    """Queue 700 calls 101 as dialled: a phone of 101's follow-me that is no member rings too."""
    did = "02191001702"
    stage.remember("AMPUSER/101 device", "101&103")
    stage.phone("101", None)
    stage.phone("103")
    customer = stage.call(did)
    stage.until_talks("103")
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 103:answered"
    return [Truth(customer, "answered", legs, did=did, queue="702", answered_by=["103"])]


def through_local(stage: Stage, did: str, *, media: bool) -> list[Truth]:
    """101 answers behind a Local channel."""
    stage.phone("101", media=media)
    customer = stage.call(did, media=media)
    stage.until_talks("101")
    stage.people_talk(1.5)
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=did, answered_by=["101"])]


@scenario()
def local_dial(stage: Stage) -> list[Truth]:
    """Dial(Local/101@agents) without media: the Local pair stays."""
    return through_local(stage, "02191000800", media=False)


@scenario()
def local_dial_optimised(stage: Stage) -> list[Truth]:
    """Dial(Local/101@agents) with media: the Local pair is optimised away mid-call."""
    return through_local(stage, "02191000800", media=True)


@scenario()
def local_dial_n(stage: Stage) -> list[Truth]:
    """Dial(Local/101@agents/n) with media: /n keeps the Local pair."""
    return through_local(stage, "02191000801", media=True)


@scenario(variant=Variant(channel_variables="CALLERID(num-pres)"))
def withheld_with_channelvars(stage: Stage) -> list[Truth]:
    """The number is withheld, but the trunk tells it; `channelvars` says that it is withheld."""
    did = "02191000101"
    stage.phone("101")
    identity = "P-Asserted-Identity: <sip:09123456789@127.0.1.1>\nPrivacy: id\n"
    customer = stage.call(did, "anonymous", "Anonymous", headers=identity)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(customer, "answered", "101:answered", did=did, answered_by=["101"], withheld=True)
    ]


@scenario(variant=Variant(channel_variables="CALLERID(num-pres)"))
def freepbx_withheld_with_channelvars(stage: Stage) -> list[Truth]:
    """The same behind FreePBX, which sets the presentation to allowed before anything rings."""
    stage.phone("101")
    identity = "P-Asserted-Identity: <sip:09123456789@127.0.1.1>\nPrivacy: id\n"
    customer = stage.call(DIRECT, "anonymous", "Anonymous", headers=identity)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"], withheld=True)
    ]


@scenario()
def withheld(stage: Stage) -> list[Truth]:
    """No number at all."""
    did = "02191000101"
    stage.phone("101")
    customer = stage.call(did, "anonymous", "Anonymous", headers="Privacy: id\n")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered",
            caller="anonymous",
            did=did,
            answered_by=["101"],
            withheld=True,
        )
    ]


@scenario(variant=Variant(system_name="tehran-1"))
def system_name(stage: Stage) -> list[Truth]:
    """systemname= puts a prefix before every Uniqueid."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"])]


@scenario(variant=Variant(system_name="tehran-1"))
def system_name_queue(stage: Stage) -> list[Truth]:
    """The same for a queue with Local members."""
    did = "02191001700"
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call(did)
    stage.until_talks("101")
    stage.until_stops("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered 102:answered_elsewhere"
    return [Truth(customer, "answered", legs, did=did, queue="700", answered_by=["101"])]


@scenario(variant=Variant(without_contact=("101",)))
def freepbx_not_registered(stage: Stage) -> list[Truth]:
    """101's phone has never registered: nothing is dialled, the PBX says congestion."""
    customer = stage.call(DIRECT)
    stage.until_over(customer)
    note = "no INVITE ever left for 101"
    return [Truth(customer, "failed", did=DIRECT, note=note)]


@scenario(variant=Variant(without_contact=("101",)))
def freepbx_queue_one_not_registered(stage: Stage) -> list[Truth]:
    """Queue: 101's phone is not registered, 102 answers."""
    did = "02191001700"
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    note = "no INVITE ever left for 101"
    return [
        Truth(
            customer,
            "answered",
            "102:answered",
            did=did,
            queue="700",
            answered_by=["102"],
            note=note,
        )
    ]


@scenario()
def unknown_did(stage: Stage) -> list[Truth]:
    """A DID nobody has set up: FreePBX's catch-all plays its message and hangs up."""
    did = "02191009999"
    customer = stage.call(did)
    stage.until_over(customer)
    return [Truth(customer, "failed", did=did)]


@scenario()
def unknown_extension(stage: Stage) -> list[Truth]:
    """A DID without any extension in the dialplan: 404, and AMI hardly says a word."""
    did = "abc"
    customer = stage.call(did)
    stage.until_over(customer)
    return [Truth(customer, "failed", did=did)]


@scenario()
def persian_name(stage: Stage) -> list[Truth]:
    """A display name in Persian."""
    did = "02191000101"
    stage.phone("101")
    customer = stage.call(did, name="مریم احمدی")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=did, answered_by=["101"])]
