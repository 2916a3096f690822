"""Values of AMI headers: required ones, and the escapes of names."""


class MissingHeaderError(Exception):
    """A required header is missing."""


def unescape(value: str) -> str:
    """Undo, once, the C escapes that Asterisk puts before quotes and backslashes of names."""
    if "\\" not in value:
        return value
    chars = iter(value)
    return "".join(next(chars, "\\") if char == "\\" else char for char in chars)
