"""Texts of strangers that would do harm where a program takes them for more than text.

Each holds ``MARK``, by which a test finds it again. Bytes that are no UTF-8 are in the tests of AMI
(``tests/asterisk/test_ami_framing.py``) and of sheets (``tests/spreadsheets/reading``).
"""

from typing import Final

MARK: Final = "Zq"
"""In every text; in no text of ours."""

PRODUCT: Final = str(1279 * 1283)
"""What a template engine would make of the calculation in ``TEXTS``."""

TEXTS: Final = {
    # Markup, handlers, addresses that are scripts
    "element": f"{MARK}<zq-el onclick=zq()>",
    "image": f'{MARK}"><img src=x onerror=zq()>',
    "attribute": f"{MARK}' autofocus onfocus=zq() data-zq='",
    "script": f"{MARK}</script><script>zq()</script>",
    "title": f"{MARK}</textarea></title></select><svg onload=zq()>",
    "comment": f"--!>{MARK}<zq-el><!--",
    "style": f"{MARK}</style><style>*{{display:none}}",
    "javascript": f"javascript:zq()//{MARK}",
    "data": f"data:text/html,<script>zq()</script>{MARK}",
    "entities": f"{MARK}&lt;zq-el&gt;&#x3C;zq-el&#62;&amp;",
    "address": f"//127.0.0.1:1/{MARK}?a=1&b=2#c/../..",
    # Direction and characters that are not seen
    "override": f"{MARK}\u202egnirts 123\u202c",
    "isolate": f"\u2067{MARK} (abc",
    "mixed": f"שלום {MARK} (abc) 12:30 مرحبا 45-7",
    "persian": f"\u200f{MARK} رضا (۱۲۳) abc!",
    "combining": f"{MARK}" + "a\u0301\u0323\u0489" * 12,
    "emoji": f"{MARK}👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇬🇷\ufeff\u2060\u00ad",
    # Control characters and lines of protocols
    "lines": f"{MARK}\r\nX-{MARK}: 1\r\n\r\nEND:VEVENT",
    "separators": f"{MARK}\u2028one\u2029two\x85three\x0bfour",
    "nul": f"{MARK}\0nul\x01\x08\x7f",
    "escape": f"{MARK}\x1b[31mred\x1b]0;title\x07",
    "ami": f"{MARK}\r\nAction: Originate\r\nApplication: System\r\nData: zq\r\n\r\n",
    "agi": f'{MARK}" EXEC System "zq"\n200 result=1',
    "sip": f'{MARK}"<sip:9@127.0.0.1>;tag="',
    "calendar": f"{MARK}\\n\\,;X-{MARK}=1:\nBEGIN:VEVENT",
    # Sheets
    "formula": f'=HYPERLINK("http://127.0.0.1:1/","{MARK}")',
    "at": f"@SUM({MARK})",
    "command": f"+{MARK}|' /C calc'!A0",
    "minus": f"-{MARK}+1",
    "tab": f"\t={MARK}",
    "csv": f'{MARK}","b";"c"\n=d',
    "xml": f"{MARK}]]><zq-el a='&zq;'/>&",
    # Templates, statements, formats
    "jinja": f"{MARK}{{{{1279*1283}}}}{{%raw%}}",
    "templates": f"{MARK}${{1279*1283}}#{{1279*1283}}<%=1279*1283%>`${{1279*1283}}`",
    "format": f"{MARK}%(zq)s%s{{0}}{{zq}}%n\\u003czq-el\\u003e",
    "statement": f"{MARK}' OR 1=1;--",
    # Width
    "long": MARK + "W" * 118,
    "wide": f"{MARK}" + "﷽" * 12 + "𒐫" * 6,
}
"""By their kinds."""


def hostile(place: int, longest: int = 120) -> str:
    """Return a text for each place, all of them in turn; at most ``longest`` characters."""
    texts = tuple(TEXTS.values())
    return texts[place % len(texts)][:longest]
