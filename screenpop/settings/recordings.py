"""Checks the template of recordings' addresses."""

from screenpop.calls.recording_link import FIELDS
from screenpop.cards.program_links import check_url_template


def check_recording_template(template: str) -> str:
    """Return the template. Raises ``ValueError`` with what to change."""
    if not template:
        return ""
    if template.partition(":")[0].lower() not in {"http", "https"}:
        raise ValueError("it is no web address; begin with https://")
    return check_url_template(template, FIELDS)
