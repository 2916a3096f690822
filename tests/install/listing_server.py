"""A PBX that gives the lists of setup on AMI's own port, until it is killed."""

import re
import threading
from pathlib import Path

from tests.ami.speaking_server import SpeakingServer
from tests.discovery.listing_pbx import FREEPBX_ROWS, ListingPbx

CONFIGURATION = Path("/etc/asterisk/manager.d/screenpop.conf")

if __name__ == "__main__":
    found = re.search(r"^secret\s*=\s*(\S+)", CONFIGURATION.read_text(), re.MULTILINE)
    assert found is not None
    with SpeakingServer(ListingPbx(secret=found[1], lists=FREEPBX_ROWS), port=5038):
        print("listening", flush=True)  # noqa: T201
        threading.Event().wait()
