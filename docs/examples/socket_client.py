"""Prints the cards of one user: python socket_client.py http://127.0.0.1:8080 maryam

The password is read from SCREENPOP_PASSWORD. Needs: pip install websockets
Protocol: docs/websocket-protocol.md.
"""

import asyncio
import http.cookiejar
import json
import os
import random
import re
import sys
import urllib.parse
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException


def log_in(url: str, username: str, password: str) -> str:
    """Return the session cookie."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/login").read().decode()
    csrf = re.search('data-csrf="([^"]*)"', page)[1]
    form = {"username": username, "password": password, "csrf": csrf}
    browser.open(f"{url}/login", urllib.parse.urlencode(form).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


async def listen(url: str, cookie: str) -> None:
    last, revisions = None, {}
    while True:
        try:
            address = url.replace("http", "ws", 1) + "/ws/v1"
            async with connect(address, additional_headers={"Cookie": cookie}) as socket:
                await socket.send(json.dumps({"type": "hello", "last": last}))
                async for text in socket:
                    message = json.loads(text)
                    if "seq" in message:  # everything up to here is applied
                        last = {"epoch": message["epoch"], "seq": message["seq"]}
                    match message["type"]:
                        case "snapshot":
                            revisions.clear()
                            for card in message["cards"]:
                                show(card, revisions)
                        case "card":
                            show(message["card"], revisions)
                        case "hb":
                            await socket.send(json.dumps({"type": "hb", "seq": message["seq"]}))
                        case "bye" if message["retry_ms"] is None:
                            sys.exit(f"The server ends the session: {message['reason']}")
        except (OSError, WebSocketException) as problem:
            print(f"Reconnecting: {problem}", file=sys.stderr)
        await asyncio.sleep(random.uniform(0, 2))


def show(card: dict, revisions: dict) -> None:
    if card["rev"] > revisions.get(card["id"], 0):
        revisions[card["id"]] = card["rev"]
        print(card["state"], card["caller"]["display"], flush=True)


if __name__ == "__main__":
    server, user = sys.argv[1:3]
    asyncio.run(listen(server, log_in(server, user, os.environ["SCREENPOP_PASSWORD"])))
