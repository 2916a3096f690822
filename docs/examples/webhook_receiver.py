"""Receives webhooks and checks their signatures: python webhook_receiver.py 9000

The target's secret (whsec_...) is read from WEBHOOK_SECRET. Put a proxy with TLS before it.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
OLDEST_S = 300
LARGEST = 1_000_000
received: set[str] = set()  # in a real program: in the database, with what the event changes


def is_signed(headers, body: bytes) -> bool:
    """Return whether the body comes from Screenpop and is not an old one sent again."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(time.time() - int(stamp)) > OLDEST_S:
        return False
    signed = f"{message_id}.{stamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        body = self.rfile.read(min(size, LARGEST))
        if not is_signed(self.headers, body):
            self.send_error(401)
            return
        message_id = self.headers["webhook-id"]
        if message_id not in received:  # an event can arrive twice
            received.add(message_id)
            event = json.loads(body)
            print(event["type"], json.dumps(event["data"]), flush=True)
        self.send_response(204)  # answer soon: longer work belongs into a queue
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
