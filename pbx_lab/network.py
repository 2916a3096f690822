"""A second way to Asterisk's AMI port, whose packets can be lost while all else goes on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

AMI_ADDRESS = "127.0.2.1"


@contextmanager
def packets_dropped(address: str = AMI_ADDRESS) -> Iterator[None]:
    """Drop all packets of this address without any notice; the connections stay open."""
    hole = ["blackhole", f"{address}/32", "table", "local"]
    subprocess.run(["ip", "route", "add", *hole], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "route", "del", *hole], check=True)
