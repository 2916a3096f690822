"""The sections of the settings about other programs and messages to customers."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from screenpop.cards.program_links import OpensProgram, ProgramLink, check_url_template
from screenpop.customers.models import LANGUAGES
from screenpop.follow_ups.message_texts import REASONS, check_template
from screenpop.settings.fields import Line, Section, read_secret


class ProgramSettings(Section):
    """A link from each card to another program."""

    label: Line = Field(min_length=1, max_length=40)
    """The text of the button."""
    url: str
    """The address, with fields such as ``{number}``; ``cards.program_links`` has them all."""
    opens: Literal["click", "ring", "answer"] = "click"
    """When it opens: on a click, or by itself when the call rings or is answered."""

    @field_validator("url")
    @classmethod
    def _is_a_template(cls, value: str) -> str:
        return check_url_template(value)

    def link(self) -> ProgramLink:
        return ProgramLink(self.label, self.url, OpensProgram(self.opens))


class MessagesSettings(Section):
    """A gateway that sends messages to customers' phones."""

    webhook_url: Line = ""
    """Where messages are posted; empty: there is no gateway."""
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    """A file that contains only the secret of the signature; instead of ``secret``."""
    private_http: bool = False
    """Allows http, to loopback and private addresses only."""
    channel: Literal["sms", "email", "phone"] = "sms"
    """The consent that a customer must not have refused."""
    timeout_s: float = Field(default=10, ge=1, le=60)
    """Seconds of one attempt."""
    retries: int = Field(default=3, ge=0, le=10)
    """Attempts after the first."""
    templates: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Texts by reason (a list's kind, or ``general``) and language."""

    @field_validator("templates")
    @classmethod
    def _are_templates(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for reason, texts in value.items():
            if reason not in REASONS:
                raise ValueError(f"{reason!r} is no reason; there are {', '.join(REASONS)}")
            if not texts.keys() <= set(LANGUAGES):
                raise ValueError(f"a language is one of {', '.join(LANGUAGES)}")
            for text in texts.values():
                check_template(text)
        return value

    @model_validator(mode="after")
    def _is_a_webhook(self) -> Self:
        if not self.webhook_url:
            return self
        parts = urlsplit(self.webhook_url)
        schemes = {"https", "http"} if self.private_http else {"https"}
        if parts.scheme not in schemes or not parts.hostname or not self.webhook_url.isascii():
            raise ValueError(
                "webhook_url is no https address; http is possible with private_http = true, to"
                " loopback and private addresses"
            )
        if parts.username is not None or any(char <= " " for char in self.webhook_url):
            raise ValueError("webhook_url contains a user or a space; write the plain address")
        if bool(self.secret.get_secret_value()) == (self.secret_file is not None):
            raise ValueError("give either secret or secret_file: the gateway checks messages by it")
        self.read_secret()
        return self

    def read_secret(self) -> str:
        """Return the secret or that of its file. Raises ``ValueError`` if unreadable."""
        return read_secret(self.secret, self.secret_file)
