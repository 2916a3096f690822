"""The sections of the settings about numbers, PBXes and their queues."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from screenpop.settings.fields import Line, Port, Section, read_secret
from screenpop.telephony.identifiers import SIMULATED, Region
from screenpop.telephony.number_plan import NumberPlan, extension_pattern
from screenpop.telephony.toll_fraud import EVERY_COUNTRY

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


class NumberPlanSettings(Section):
    """How numbers are read, unless a trunk overrides it."""

    region: str
    """The country: ISO 3166-1, two capital letters."""
    area_code: str = ""
    """Area code put before a local number, such as ``21``."""
    extensions: tuple[str, ...] = ()
    """The office's own phones: numbers or Asterisk patterns such as ``1XX``."""
    withheld_words: tuple[str, ...] = ()
    """Further words that the trunks send for a hidden number."""
    unknown_words: tuple[str, ...] = ()
    """Further words that the trunks send for an unknown number."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self.plan()
        return self

    def plan(self, region: str = "", area_code: str | None = None) -> NumberPlan:
        """Return the plan, with the trunk's own region and area code if it has them."""
        elsewhere = bool(region) and region != self.region
        own_area = "" if elsewhere else self.area_code
        return NumberPlan(
            region=Region(region or self.region),
            area_code=own_area if area_code is None else area_code,
            extensions=self.extensions,
            withheld_words=self.withheld_words,
            unknown_words=self.unknown_words,
        )


class TrunkSettings(Section):
    name: Line = Field(min_length=1)
    """The endpoint as the PBX names it: ``trunk`` of ``PJSIP/trunk-0000001a``."""
    region: str = ""
    """The country of the trunk, if it differs from ``number_plan.region``."""
    area_code: str | None = None
    """The area code of the trunk, if it differs."""
    lines: dict[str, str] = Field(default_factory=dict)
    """Dialled numbers as the trunk sends them, each with its name for the card."""

    @field_validator("region")
    @classmethod
    def _is_a_country(cls, value: str) -> str:
        if value:
            NumberPlan(region=Region(value))
        return value


_reads_secrets = ContextVar("reads_secrets", default=True)


@contextmanager
def unread_pbx_secrets() -> Iterator[None]:
    """Load settings without the files of AMI secrets, for a process that has no right to them."""
    before = _reads_secrets.set(False)
    try:
        yield
    finally:
        _reads_secrets.reset(before)


class PbxSettings(Section):
    id: str
    """A short name for this PBX: small letters, digits, ``-`` and ``_``."""
    host: Line = "127.0.0.1"
    port: Port = 5038
    """Asterisk's AMI port: 5038, or 5039 with TLS."""
    username: Line = Field(min_length=1)
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    """A file that contains only the secret; instead of ``secret``."""
    tls: bool = False
    tls_ca_file: Path | None = None
    """The CA certificate (PEM) of the PBX, if the system does not know it."""
    tls_pin_sha256: str = ""
    """The SHA-256 of the PBX's own certificate, in hex, for a self-signed one."""
    tls_server_name: Line = ""
    """The name in the PBX's certificate, if it is not ``host``."""
    phones: tuple[str, ...] = ()
    """Which endpoints are phones: numbers or patterns such as ``1XX``; all others are trunks.
    Phones of users always are."""
    trunks: tuple[TrunkSettings, ...] = ()
    click_to_call_context: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,80}$")
    """The dialplan context in which agents' phones dial; empty: no click-to-call."""
    click_to_call_technology: Literal["PJSIP", "SIP"] = "PJSIP"
    """The channel technology of agents' phones."""
    click_to_call_countries: tuple[str, ...] = ()
    """Countries abroad whose numbers may be dialled from a page, such as ``GR``; ``*``: all.
    Numbers of the office's own country always, premium-rate numbers never."""

    @field_validator("click_to_call_countries")
    @classmethod
    def _are_countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for country in value:
            if country != EVERY_COUNTRY:
                NumberPlan(region=Region(country))
        return value

    @field_validator("id")
    @classmethod
    def _names_itself(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError("use small letters, digits, - and _, such as office")
        if value == SIMULATED:
            raise ValueError("this name marks simulated calls; choose another")
        return value

    @field_validator("phones")
    @classmethod
    def _are_phones(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        extension_pattern(value)
        return value

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if bool(self.secret.get_secret_value()) == (self.secret_file is not None):
            raise ValueError(
                "give either secret or secret_file: what manager.conf has for this user"
            )
        if _reads_secrets.get():
            self.read_secret()
        return self

    def read_secret(self) -> str:
        """Return the AMI secret or that of its file. Raises ``ValueError`` if unreadable."""
        return read_secret(self.secret, self.secret_file)


class QueueSettings(Section):
    wrap_up_s: float | None = Field(default=None, ge=0, le=1800)
    """Seconds of wrap-up after a call of this queue; None: the same as ``after_call_s``."""
    service_level_s: float | None = Field(default=None, gt=0, le=3600)
    """Seconds within which its calls should be answered; None: the same as ``service_level_s``."""
    wait_amber_s: float | None = Field(default=None, ge=0, le=86_400)
    """Seconds of waiting from which its callers are amber; None: as ``board.wait_amber_s``."""
    wait_red_s: float | None = Field(default=None, ge=0, le=86_400)
    """As ``wait_amber_s``, for red."""
