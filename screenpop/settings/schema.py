"""Every setting: its name, type, default and checks.

``docs/settings.md`` documents them all.
"""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    Field,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    SettingsConfigDict,
)

from screenpop.customers.models import LANGUAGES
from screenpop.settings.agi import AgiSettings
from screenpop.settings.board import BoardSettings
from screenpop.settings.caller_source import CallerSourceSettings, ContactsSettings
from screenpop.settings.card import CardSettings
from screenpop.settings.fields import Line
from screenpop.settings.files import FilesSettings
from screenpop.settings.login import LoginSettings
from screenpop.settings.office_calendar import check_closed_days, check_office_hours
from screenpop.settings.pbx import NumberPlanSettings, PbxSettings, QueueSettings
from screenpop.settings.programs import MessagesSettings, ProgramSettings
from screenpop.settings.recordings import check_recording_template
from screenpop.settings.redis import RedisSettings
from screenpop.settings.suggestions import SuggestionSettings
from screenpop.settings.trip_board import TripBoardSettings
from screenpop.settings.value import PointSettings, ValueSettings, VoucherSettings
from screenpop.settings.webhooks import WebhookSettings


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
    health_port: int = Field(default=0, ge=0, le=65535)
    """A port for ``/healthz``, ``/readyz`` and ``/metrics`` alone; 0 for none."""
    public_origins: tuple[str, ...] = ()
    """Addresses under which browsers reach the server: ``https://pop.example.com``."""
    trusted_proxies: tuple[Line, ...] = ()
    """Addresses of proxies whose ``X-Forwarded-For`` and ``-Proto`` are used."""
    most_connections: int = Field(default=16_000, ge=10, le=1_000_000)
    """Connections at the same time; fewer where the limit of open files is lower."""
    most_connections_per_address: int = Field(default=1000, ge=5, le=1_000_000)
    """Connections of one address; proxies in ``trusted_proxies`` are exempt."""
    timezone: str = "UTC"
    """Time zone of the office; decides which day today is."""
    languages: tuple[Literal["en", "fa", "el"], ...] = ("en", "fa", "el")
    """The languages offered on the pages; the first is the default."""
    wrap_up_minutes: float = Field(default=3, ge=0, le=240)
    """Minutes that a card stays for notes after the conversation."""
    click_to_call_per_hour: int = Field(default=60, ge=1, le=1000)
    """Calls that an agent may place from a page in an hour."""
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
    keep_notes_days: int = Field(default=0, ge=0, le=36_500)
    """Days after their last change after which notes of calls are deleted; 0: as the call."""
    keep_logins_days: int = Field(default=90, ge=0, le=36_500)
    """Days after which records of logins, failed logins and refusals are deleted; 0 keeps them."""
    keep_customers_years: int = Field(default=0, ge=0, le=100)
    """Years without any contact after which a customer is erased; 0 keeps all customers."""
    simulate: bool = False
    """Adds a simulated PBX for test calls."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "human", "json"] = "auto"
    """``auto``: readable text on a terminal, JSON elsewhere."""
    programs: tuple[ProgramSettings, ...] = Field(default=(), max_length=8)
    """Links from each card to other programs."""
    recording_url: Annotated[str, AfterValidator(check_recording_template)] = ""
    """The address of a call's recording, with fields such as ``{linkedid}``; empty: none."""
    redis: RedisSettings = Field(default_factory=RedisSettings)
    card: CardSettings = Field(default_factory=CardSettings)
    board: BoardSettings = Field(default_factory=BoardSettings)
    trip_board: TripBoardSettings = Field(default_factory=TripBoardSettings)
    files: FilesSettings = Field(default_factory=FilesSettings)
    login: LoginSettings = Field(default_factory=LoginSettings)
    caller_source: CallerSourceSettings = Field(default_factory=CallerSourceSettings)
    contacts: ContactsSettings = Field(default_factory=ContactsSettings)
    messages: MessagesSettings = Field(default_factory=MessagesSettings)
    value: ValueSettings = Field(default_factory=ValueSettings)
    suggestions: SuggestionSettings = Field(default_factory=SuggestionSettings)
    points: PointSettings = Field(default_factory=PointSettings)
    vouchers: VoucherSettings = Field(default_factory=VoucherSettings)
    webhook: WebhookSettings = Field(default_factory=WebhookSettings)
    fastagi: AgiSettings = Field(default_factory=AgiSettings)
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

    @model_validator(mode="after")
    def _provider_leads_back(self) -> Self:
        if self.login.oidc.issuer and not self.public_origins:
            raise ValueError(
                "login.oidc needs public_origins: the provider leads browsers back to one of them"
            )
        return self

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
