"""The phones of a recording, given to the agents of the demo."""

from collections import Counter
from itertools import cycle

from screenpop.asterisk.channel_name import endpoint_of
from screenpop.demo.seed import DEMO_USERS
from screenpop.simulator.ami_encoding import messages_of, to_headers
from screenpop.simulator.recording import Recording
from screenpop.store.accounts.users import find_username, set_endpoints
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Endpoint

MOST_PHONES = 60
LONGEST_PHONE = 6
"""Digits of a phone's name; a longer one is an account at a provider."""


def phones_rung(recording: Recording) -> tuple[Endpoint, ...]:
    """Return the phones that the recording rings, most often rung first."""
    counted: Counter[str] = Counter()
    for login in recording.logins:
        for message in messages_of(login):
            fields = dict(to_headers(message))
            if fields.get("Event") == "DialBegin":
                counted[endpoint_of(fields.get("DestChannel", ""))] += 1
    names = [
        name for name, _ in counted.most_common() if name.isdigit() and len(name) <= LONGEST_PHONE
    ]
    return tuple(Endpoint(name) for name in names[:MOST_PHONES])


async def give_phones(database: Database, phones: tuple[Endpoint, ...]) -> None:
    """Give each agent of the demo a share of the phones, in turn, beside the own one."""
    agents = [user for user in DEMO_USERS if user.endpoint is not None]
    own = {user.endpoint for user in agents}
    shares: dict[str, list[Endpoint]] = {
        user.username: [user.endpoint] for user in agents if user.endpoint is not None
    }
    others = (phone for phone in phones if phone not in own)
    for user, phone in zip(cycle(agents), others, strict=False):
        shares[user.username].append(phone)
    for username, endpoints in shares.items():
        found = await find_username(database, username)
        if found is not None:
            await set_endpoints(database, found.id, endpoints)
