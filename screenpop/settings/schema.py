"""Every setting: its name, type, default and checks.

``docs/settings.md`` documents them all.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    SettingsConfigDict,
)

from screenpop.cards.program_links import OpensProgram, ProgramLink, check_url_template
from screenpop.customers.models import LANGUAGES
from screenpop.follow_ups.message_texts import REASONS, check_template
from screenpop.settings.board import BoardSettings
from screenpop.settings.card import CardSettings
from screenpop.settings.office_calendar import check_closed_days, check_office_hours
from screenpop.settings.recordings import check_recording_template
from screenpop.settings.suggestions import SuggestionSettings
from screenpop.settings.trip_board import TripBoardSettings
from screenpop.settings.value import PointSettings, ValueSettings, VoucherSettings
from screenpop.telephony.identifiers import SIMULATED, Region
from screenpop.telephony.number_plan import NumberPlan, extension_pattern

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")

Port = Annotated[int, Field(ge=1, le=65535)]


def _one_line(text: str) -> str:
    if any(char in text for char in "\r\n\0"):
        raise ValueError("it contains a line break; write it on one line")
    return text


Line = Annotated[str, AfterValidator(_one_line)]


MIN_AMI_SECRET_LENGTH = 6
"""Least number of characters; a shorter secret is truncated or can be guessed."""


def _long_enough(secret: str, name: str) -> str:
    if len(secret) < MIN_AMI_SECRET_LENGTH:
        raise ValueError(
            f"{name} has fewer than {MIN_AMI_SECRET_LENGTH} characters; write the whole secret, or"
            " choose a longer one here and in manager.conf"
        )
    return secret


def _read_secret(given: SecretStr, file: Path | None) -> str:
    if file is None:
        return _long_enough(_one_line(given.get_secret_value()), "secret")
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(
            f"secret_file {file} cannot be read; check its path and its rights"
        ) from problem
    if not secret:
        raise ValueError(f"secret_file {file} is empty; write the secret into it")
    return _long_enough(_one_line(secret), f"secret_file {file}")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberPlanSettings(_Section):
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


class TrunkSettings(_Section):
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


class PbxSettings(_Section):
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
        self.read_secret()
        return self

    def read_secret(self) -> str:
        """Return the AMI secret or that of its file. Raises ``ValueError`` if unreadable."""
        return _read_secret(self.secret, self.secret_file)


class ProgramSettings(_Section):
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


class MessagesSettings(_Section):
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
        return _read_secret(self.secret, self.secret_file)


class QueueSettings(_Section):
    wrap_up_s: float | None = Field(default=None, ge=0, le=1800)
    """Seconds of wrap-up after a call of this queue; None: the same as ``after_call_s``."""
    service_level_s: float | None = Field(default=None, gt=0, le=3600)
    """Seconds within which its calls should be answered; None: the same as ``service_level_s``."""
    wait_amber_s: float | None = Field(default=None, ge=0, le=86_400)
    """Seconds of waiting from which its callers are amber; None: as ``board.wait_amber_s``."""
    wait_red_s: float | None = Field(default=None, ge=0, le=86_400)
    """As ``wait_amber_s``, for red."""


class Settings(BaseSettings):
    """All settings. Only ``app`` and ``cli`` read them; other packages get plain values."""

    model_config = SettingsConfigDict(
        env_prefix="SCREENPOP_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    data_dir: Path = Path("screenpop-data")
    """Folder of the database and of the command line's token."""
    database_url: str = ""
    """Empty: an SQLite file in ``data_dir``. Else ``postgresql://user:password@host/name``."""
    bind_host: Line = "127.0.0.1"
    """The address to listen on; loopback by default."""
    bind_port: int = Field(default=8080, ge=0, le=65535)
    """The port to listen on; 0 chooses a free one."""
    public_origins: tuple[str, ...] = ()
    """Addresses under which browsers reach the server: ``https://pop.example.com``."""
    trusted_proxies: tuple[Line, ...] = ()
    """Addresses of proxies whose ``X-Forwarded-For`` and ``-Proto`` are used."""
    most_connections: int = Field(default=4000, ge=10, le=1_000_000)
    """Connections at the same time; fewer where the limit of open files is lower."""
    most_connections_per_address: int = Field(default=1000, ge=5, le=1_000_000)
    """Connections of one address; proxies in ``trusted_proxies`` are exempt."""
    timezone: str = "UTC"
    """Time zone of the office; decides which day today is."""
    languages: tuple[Literal["en", "fa", "el"], ...] = ("en", "fa", "el")
    """The languages offered on the pages; the first is the default."""
    wrap_up_minutes: float = Field(default=3, ge=0, le=240)
    """Minutes that a card stays for notes after the conversation."""
    after_call_s: float = Field(default=30, ge=0, le=1800)
    """Seconds of wrap-up in which an agent gets no call of a queue; 0 for none."""
    missed_minutes: float = Field(default=15, ge=0, le=1440)
    """Minutes that the card of a missed call stays."""
    watched_folder: Path | None = None
    """Sheets in this folder are imported again whenever they change. None: no folder."""
    keep_calls_days: int = Field(default=0, ge=0, le=36_500)
    """Days after which calls are deleted with notes and traces; 0 keeps them."""
    keep_traces_days: int = Field(default=0, ge=0, le=36_500)
    """Days after which traces of calls are deleted; 0 keeps them as long as the call."""
    keep_logins_days: int = Field(default=90, ge=0, le=36_500)
    """Days after which records of logins and failed logins are deleted; 0 keeps them."""
    simulate: bool = False
    """Adds a simulated PBX for test calls."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "human", "json"] = "auto"
    """``auto``: readable text on a terminal, JSON elsewhere."""
    programs: tuple[ProgramSettings, ...] = Field(default=(), max_length=8)
    """Links from each card to other programs."""
    recording_url: Annotated[str, AfterValidator(check_recording_template)] = ""
    """The address of a call's recording, with fields such as ``{linkedid}``; empty: none."""
    card: CardSettings = Field(default_factory=CardSettings)
    board: BoardSettings = Field(default_factory=BoardSettings)
    trip_board: TripBoardSettings = Field(default_factory=TripBoardSettings)
    messages: MessagesSettings = Field(default_factory=MessagesSettings)
    value: ValueSettings = Field(default_factory=ValueSettings)
    suggestions: SuggestionSettings = Field(default_factory=SuggestionSettings)
    points: PointSettings = Field(default_factory=PointSettings)
    vouchers: VoucherSettings = Field(default_factory=VoucherSettings)
    number_plan: NumberPlanSettings
    service_level_s: float = Field(default=20, gt=0, le=3600)
    """Seconds within which calls should be answered, for the reports."""
    closed_days: Annotated[tuple[Line, ...], AfterValidator(check_closed_days)] = ()
    """Days on which no customer is called: ``friday``, ``12-25``, ``jalali 01-13``, ranges."""
    office_hours: Annotated[tuple[Line, ...], AfterValidator(check_office_hours)] = ()
    """When the phones are answered, as ``monday..friday 09:00-17:30``; empty: unknown."""
    queues: dict[Annotated[Line, Field(min_length=1)], QueueSettings] = Field(default_factory=dict)
    """Queues that differ from ``after_call_s`` or ``service_level_s``."""
    pbx: tuple[PbxSettings, ...] = ()

    @field_validator("public_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            plain = f"{parts.scheme}://{parts.netloc}" == origin
            if parts.scheme not in {"http", "https"} or not parts.netloc or not plain:
                raise ValueError(
                    f"{origin!r} is no origin; write scheme and host only, such as"
                    " https://pop.example.com"
                )
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("it is no time zone; use a name such as Europe/Athens or Asia/Tehran")
        return value

    @field_validator("languages")
    @classmethod
    def _has_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError(f"name each language once, at least one of {', '.join(LANGUAGES)}")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgres:")):
            raise ValueError(
                "leave it empty for SQLite, or write postgresql://user:password@host/name"
            )
        return value

    @field_validator("pbx")
    @classmethod
    def _have_their_own_ids(cls, value: tuple[PbxSettings, ...]) -> tuple[PbxSettings, ...]:
        ids = [pbx.id for pbx in value]
        if len(set(ids)) != len(ids):
            raise ValueError("two of them have the same id; give each PBX its own")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database_address(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'screenpop.db'}"
