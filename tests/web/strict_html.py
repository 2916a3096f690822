"""A strict reader of our pages: whatever it does not know for ours is a fault."""

import json
import re
from html.parser import HTMLParser

from typing_extensions import override

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_NAME = re.compile(r"[a-z][a-z0-9]*")
_ATTRIBUTE = re.compile(r"[a-z][a-zA-Z0-9:-]*")
_ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "xlink:href"}
_OURS = re.compile(r"$|[/?](?!/)|#|tel:\+?[0-9]+$|mailto:[^<>\"\s]+$|https://wa\.me/[0-9]+")
_REFUSED = {"style", "srcdoc"}


class StrictPage(HTMLParser):
    """Collects the faults of a page: what is open at its end, closed without having been opened,
    named as none of ours is, and addresses that leave the office."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        """Texts of the page, and the values of its attributes."""
        self._open: list[str] = []
        self._json: list[str] | None = None
        self.feed(html)
        self.close()
        if self._open:
            self.faults.append(f"open at the end: {self._open}")

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check_element(tag, attrs)
        if tag == "option" and self._open[-1:] == ["option"]:
            self._open.pop()
        if tag not in VOID:
            self._open.append(tag)
        if tag == "script":
            kinds = dict(attrs)
            if kinds.get("type") in {"application/json", "importmap"}:
                self._json = []
            elif not kinds.get("src"):
                self.faults.append("a script in the page")

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check_element(tag, attrs)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag != "option" and self._open[-1:] == ["option"]:
            self._open.pop()  # the end of the last one may be left out
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> in {self._open[-3:]} at {self.getpos()}")
            return
        self._open.pop()
        if tag == "script" and self._json is not None:
            json.loads("".join(self._json))
            self._json = None

    @override
    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._json is not None:
            self._json.append(data)
        if self._open and self._open[-1] == "style":
            self.faults.append("styles in the page")

    @override
    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment: {data[:40]}")

    @override
    def handle_pi(self, data: str) -> None:
        self.faults.append(f"an instruction: {data[:40]}")

    def _check_element(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        names = [name for name, _ in attrs]
        self.attributes.update(names)
        self.text.extend(value or "" for _, value in attrs)
        if not _NAME.fullmatch(tag):
            self.faults.append(f"<{tag}>")
        if len(set(names)) != len(names):
            self.faults.append(f"<{tag}> has {names}")
        for name, value in attrs:
            if name in _REFUSED or name.startswith("on") or not _ATTRIBUTE.fullmatch(name):
                self.faults.append(f"<{tag} {name}>")
            if name in _ADDRESSES and not _OURS.match(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}>")
