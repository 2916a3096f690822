"""Requests of web processes and the answers to them, as JSON. No I/O; reading never raises."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class RequestMessage:
    kind: str
    body: Mapping[str, object]
    sender: str
    ask_id: int
    """Of the sender; 0: no answer is expected."""
    within_s: float
    """The sender does not wait longer for the answer."""
    once: str = ""
    """Requests with the same text are handled once; empty: each is."""


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    ask_id: int
    value: Mapping[str, object]


def encode_body(body: Mapping[str, object]) -> bytes:
    """Return the JSON of a body. Raises ``TypeError`` for what is none."""
    return orjson.dumps(body)


def encode_request(
    sender: str, kind: str, body_json: bytes, ask_id: int, within_s: float, once: str = ""
) -> bytes:
    """Return a request; ``body_json`` comes last and is not encoded again."""
    fields = {"from": sender, "kind": kind, "ask": ask_id, "within_s": within_s}
    head = orjson.dumps(fields | {"once": once} if once else fields)
    return b'%b,"body":%b}' % (head[:-1], body_json)


def read_request(data: object) -> RequestMessage | None:
    match _parsed(data):
        case {
            "from": str(sender),
            "kind": str(kind),
            "ask": int(ask_id),
            "within_s": int(within_s) | float(within_s),
            "body": dict(body),
            **more,
        }:
            once = more.get("once", "")
            return RequestMessage(kind, body, sender, ask_id, within_s, str(once))
        case _:
            return None


def encode_answer(ask_id: int, value: Mapping[str, object]) -> bytes:
    """Return an answer. Raises ``TypeError`` for a value that is no JSON."""
    return orjson.dumps({"ask": ask_id, "value": value})


def read_answer(data: object) -> AnswerMessage | None:
    match _parsed(data):
        case {"ask": int(ask_id), "value": dict(value)}:
            return AnswerMessage(ask_id, value)
        case _:
            return None


def read_entries(reply: object) -> list[tuple[bytes, object]]:
    """Return id and value of the entries of one stream in the reply of ``XREAD``."""
    match reply:
        case [[_, list(entries)]]:
            return [
                (entry[0], entry[1][1])
                for entry in entries
                if isinstance(entry, list)
                and len(entry) == 2
                and isinstance(entry[0], bytes)
                and isinstance(entry[1], list)
                and len(entry[1]) > 1
            ]
        case _:
            return []


def _parsed(data: object) -> object:
    if not isinstance(data, bytes):
        return None
    try:
        return orjson.loads(data)
    except ValueError:
        return None
