"""Settings that work, and mistakes that are reported: the name, the value, what to do."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from screenpop.app.wiring import board_limits
from screenpop.calls.board_limits import WaitLimits
from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import TierRule
from screenpop.settings import (
    CardSettings,
    InvalidSettingsError,
    MessagesSettings,
    NumberPlanSettings,
    PbxSettings,
    ProgramSettings,
    QueueSettings,
    Settings,
    TrunkSettings,
    load_settings,
    settings_of,
)
from screenpop.settings.agi import AgiSettings
from screenpop.settings.board import BoardSettings
from screenpop.settings.caller_source import CallerSourceSettings, ContactsSettings
from screenpop.settings.files import FilesSettings
from screenpop.settings.login import LoginSettings, OidcSettings
from screenpop.settings.redis import RedisSettings
from screenpop.settings.suggestions import SuggestionSettings
from screenpop.settings.trip_board import TripBoardSettings
from screenpop.settings.value import PointSettings, TierRuleSettings, VoucherSettings
from screenpop.settings.webhooks import WebhookSettings

DOCS = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
PLAN = {"region": "GR"}
OFFICE = {"id": "office", "username": "screenpop", "secret": "s3cr3t"}

GOOD = """
bind_port = 9000
timezone = "Asia/Tehran"
languages = ["fa", "en"]

[number_plan]
region = "IR"
area_code = "21"
extensions = ["1XX"]

[[pbx]]
id = "office"
host = "pbx.lan"
username = "screenpop"
secret = "s3cr3t"

  [[pbx.trunks]]
  name = "athens"
  region = "GR"
  lines = { "2100000000" = "Athens line" }
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of the machine that runs the tests do not count."""
    import os

    for name in list(os.environ):
        if name.startswith("SCREENPOP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def mistakes(**values: Any) -> str:
    with pytest.raises(InvalidSettingsError) as reported:
        settings_of(**{"number_plan": PLAN} | values)
    return "\n".join(reported.value.sentences)


def file(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    settings = load_settings(file(tmp_path))
    assert settings.bind_port == 9000
    assert settings.pbx[0].trunks[0].lines == {"2100000000": "Athens line"}
    assert settings.pbx[0].read_secret() == "s3cr3t"
    assert settings.number_plan.plan().area_code == "21"


def test_a_trunk_in_another_country_has_that_countrys_plan_and_no_area_of_ours(
    tmp_path: Path,
) -> None:
    settings = load_settings(file(tmp_path))
    (trunk,) = settings.pbx[0].trunks
    plan = settings.number_plan.plan(trunk.region, trunk.area_code)
    assert (plan.region, plan.area_code, plan.extensions) == ("GR", "", ("1XX",))


def test_the_file_in_the_working_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "screenpop.toml").write_text(GOOD)
    assert load_settings().bind_port == 9000


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENPOP_SETTINGS", str(file(tmp_path)))
    monkeypatch.setenv("SCREENPOP_BIND_PORT", "9001")
    monkeypatch.setenv("SCREENPOP_NUMBER_PLAN__REGION", "GR")
    monkeypatch.setenv("SCREENPOP_PUBLIC_ORIGINS", '["https://pop.example.com"]')
    settings = load_settings()
    assert (settings.bind_port, settings.number_plan.region) == (9001, "GR")
    assert settings.public_origins == ("https://pop.example.com",)
    assert settings.pbx[0].host == "pbx.lan"


def test_all_can_be_set_by_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENPOP_NUMBER_PLAN__REGION", "GR")
    monkeypatch.setenv("SCREENPOP_PBX", '[{"id": "a", "username": "u", "secret": "s3cr3t"}]')
    assert load_settings().pbx[0].id == "a"


def test_what_is_not_set_is_safe() -> None:
    settings = settings_of(number_plan=PLAN)
    assert settings.bind_host == "127.0.0.1"
    assert not settings.simulate
    assert settings.database_address.startswith("sqlite:///")


@pytest.mark.defends("ami-secret")
def test_a_secret_is_read_from_its_file_and_never_displayed(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("s3cr3t\n")
    settings = settings_of(
        number_plan=PLAN, pbx=[{"id": "a", "username": "u", "secret_file": path}]
    )
    assert settings.pbx[0].read_secret() == "s3cr3t"
    assert "s3cr3t" not in repr(settings_of(number_plan=PLAN, pbx=[OFFICE]))


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"bind_port": 99999}, r"bind_port is 99999: give a port from 1 to 65535"),
    ({"bind_port": "http"}, r"bind_port is 'http': give a port"),
    ({"timezone": "Mars/One"}, r"timezone is 'Mars/One': it is no time zone; use a name such as"),
    ({"languages": ["de"]}, r"languages\[1\] is 'de': use en, fa and el"),
    ({"languages": []}, r"languages: name each language once"),
    ({"log_level": "loud"}, r"log_level is 'loud': write debug, info"),
    ({"log_format": "xml"}, r"log_format is 'xml': write auto"),
    ({"wrap_up_minutes": -1}, r"wrap_up_minutes is -1: give minutes"),
    ({"simulate": "perhaps"}, r"simulate is 'perhaps': write true or false"),
    ({"public_origins": ["pop.lan"]}, r"public_origins: 'pop.lan' is no origin; write scheme"),
    ({"public_origins": ["https://pop.lan/x"]}, r"public_origins: 'https://pop.lan/x' is no"),
    ({"programs": [{"label": "CRM"}]}, r"programs\[1\].url is not set"),
    (
        {"programs": [{"label": "CRM", "url": "https://crm.lan/?q={phone}"}]},
        r"programs\[1\].url .*: \{phone\} is no field; use \{number\}",
    ),
    (
        {"programs": [{"label": "CRM", "url": "https://crm.lan/", "opens": "always"}]},
        r"programs\[1\].opens is 'always': write click, ring or answer",
    ),
    ({"database_url": "mysql://root:hunter2@db"}, r"database_url: leave it empty for SQLite"),
    ({"bind_host": "a\nb"}, r"bind_host is 'a\\nb': it contains a line break"),
    ({"bind_prot": 1}, r"bind_prot is no setting. Did you mean bind_port\?"),
    ({"colour": "red"}, r"colour is no setting. docs/settings.md lists them all."),
    ({"number_plan": {}}, r"number_plan.region is not set; give the country as two capital"),
    ({"number_plan": {"region": "Greece"}}, r"number_plan: 'Greece' is not a country"),
    ({"number_plan": {**PLAN, "area_code": "x"}}, r"number_plan: 'x' is not an area code"),
    ({"number_plan": {**PLAN, "extensions": ["A"]}}, r"number_plan: 'A' is not an extension"),
    ({"pbx": [{"id": "a", "secret": "s"}]}, r"pbx\[1\].username is not set; give the name of"),
    ({"pbx": [{"id": "a", "username": "u"}]}, r"pbx\[1\]: give either secret or secret_file"),
    ({"pbx": [{**OFFICE, "id": "Our PBX"}]}, r"pbx\[1\].id is 'Our PBX': use small letters"),
    ({"pbx": [{**OFFICE, "id": "simulated"}]}, r"pbx\[1\].id is 'simulated': this name marks"),
    ({"pbx": [OFFICE, OFFICE]}, r"pbx: two of them have the same id"),
    ({"pbx": [{**OFFICE, "port": 0}]}, r"pbx\[1\].port is 0: give a port"),
    ({"pbx": [{**OFFICE, "prot": 0}]}, r"pbx\[1\].prot is no setting. Did you mean port\?"),
    ({"pbx": [{**OFFICE, "phones": ["!x"]}]}, r"pbx\[1\].phones: '!x' is not an extension"),
    ({"pbx": [{**OFFICE, "trunks": [{}]}]}, r"pbx\[1\].trunks\[1\].name is not set"),
    ({"pbx": [{**OFFICE, "trunks": [{"name": "t", "region": "XX"}]}]},
     r"pbx\[1\].trunks\[1\].region is 'XX': 'XX' is not a country"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "sentence"), MISTAKES)
def test_each_mistake_is_reported_with_its_name_and_a_remedy(
    values: dict[str, Any], sentence: str
) -> None:
    reported = mistakes(**values)
    assert re.search(f"^{sentence}", reported, re.MULTILINE), reported
    assert reported.endswith((".", "?"))


def test_all_mistakes_are_reported_at_once() -> None:
    assert len(mistakes(bind_port=-1, timezone="x", colour=1).splitlines()) == 3


@pytest.mark.defends("ami-secret")
def test_no_secret_is_ever_reported() -> None:
    reported = mistakes(
        database_url="mysql://root:hunter2@db",
        pbx=[{**OFFICE, "secret": "hunter2", "secret_file": "/nope"}],
    )
    assert "hunter2" not in reported


def test_a_secret_file_that_is_missing_or_empty_is_reported(tmp_path: Path) -> None:
    pbx = {"id": "a", "username": "u", "secret_file": tmp_path / "nope"}
    assert "cannot be read; check its path and its rights" in mistakes(pbx=[pbx])
    (tmp_path / "nope").write_text("\n")
    assert "is empty; write the secret into it" in mistakes(pbx=[pbx])


@pytest.mark.parametrize("left", ["s", "12345"])
def test_ami_secret_cut_off_in_file_or_setting_is_refused(tmp_path: Path, left: str) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{left}\n")
    in_file = mistakes(pbx=[{"id": "a", "username": "u", "secret_file": path}])
    assert f"secret_file {path} has fewer than 6 characters; write the whole secret" in in_file
    in_settings = mistakes(pbx=[{**OFFICE, "secret": left}])
    assert "secret has fewer than 6 characters" in in_settings


@pytest.mark.parametrize("left", [b"", b"\n \t", b"\0" * 300])
def test_settings_file_emptied_by_a_full_disk_stops_with_a_sentence(
    tmp_path: Path, left: bytes
) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(left)
    with pytest.raises(InvalidSettingsError, match=r"own.toml is empty, as after a full disk"):
        load_settings(path)


def test_settings_file_cut_off_into_zero_bytes_stops_with_a_sentence(tmp_path: Path) -> None:
    path = file(tmp_path)
    path.write_bytes(path.read_bytes() + bytes(100))
    with pytest.raises(InvalidSettingsError, match=r"ends in zero bytes, as after a power cut"):
        load_settings(path)


def test_a_file_that_is_not_toml_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError, match=r"is not TOML: .*line 2.*quotes"):
        load_settings(file(tmp_path, "\nbind_host = pbx.lan\n"))


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InvalidSettingsError, match="as UTF-8"):
        load_settings(path)


def test_a_named_file_that_is_missing_is_reported() -> None:
    with pytest.raises(InvalidSettingsError, match=r"no settings file nope\.toml"):
        load_settings(Path("nope.toml"))


def test_a_mistyped_variable_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENPOP_BIND_PROT", "1")
    with pytest.raises(InvalidSettingsError, match="SCREENPOP_BIND_PROT is no setting"):
        load_settings()


def test_a_variable_that_is_not_json_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENPOP_PBX", "office")
    with pytest.raises(InvalidSettingsError, match=r'"pbx".*written as JSON'):
        load_settings()


def test_every_setting_is_in_the_docs() -> None:
    sections: list[tuple[str, type[BaseModel]]] = [
        ("", Settings),
        ("number_plan.", NumberPlanSettings),
        ("pbx.", PbxSettings),
        ("pbx.trunks.", TrunkSettings),
        ("programs.", ProgramSettings),
        ("queues.NAME.", QueueSettings),
        ("card.", CardSettings),
        ("messages.", MessagesSettings),
        ("caller_source.", CallerSourceSettings),
        ("contacts.", ContactsSettings),
        ("login.", LoginSettings),
        ("login.oidc.", OidcSettings),
        ("files.", FilesSettings),
        ("value.tiers.", TierRuleSettings),
        ("board.", BoardSettings),
        ("trip_board.", TripBoardSettings),
        ("suggestions.", SuggestionSettings),
        ("vouchers.", VoucherSettings),
        ("points.", PointSettings),
        ("webhook.", WebhookSettings),
        ("fastagi.", AgiSettings),
        ("redis.", RedisSettings),
    ]
    tables = {"value", *(prefix.removesuffix(".").removesuffix(".NAME") for prefix, _ in sections)}
    names = {prefix + name for prefix, section in sections for name in section.model_fields}
    documented = set(re.findall(r"^\| `([A-Za-z_.0-9]+)` \|", DOCS, re.MULTILINE))
    assert names - tables == documented


def test_limits_of_the_board_are_in_order_and_queues_have_their_own() -> None:
    fixed: dict[str, object] = {"number_plan": PLAN}
    for board in (
        {"wait_amber_s": 61},
        {"waiting_amber": 11},
        {"abandoned_red_percent": 4.9},
        {"service_level_red_percent": 81},
        {"popup_amber_percent": 79},
    ):
        with pytest.raises(InvalidSettingsError, match=r"is (below|above)"):
            settings_of(**fixed, board=board)
    settings_of(**fixed, board={"wait_amber_s": 60, "service_level_red_percent": 80})
    settings = settings_of(
        **fixed, board={"wait_red_s": 0}, queues={"vip": {"wait_amber_s": 5}, "other": {}}
    )
    limits = board_limits(settings)
    assert limits.wait == WaitLimits(20, 0)
    assert limits.queues == {"vip": WaitLimits(5, 0)}


def test_tiers_become_rules() -> None:
    tiers = [{"tier": "gold", "trips": 5, "spend": 900, "currency": "EUR", "within_months": 36}]
    settings = settings_of(number_plan=PLAN, value={"tiers": tiers})
    assert settings.value.rules() == (TierRule(Tier.GOLD, 5, 900, "EUR", 36),)
    assert settings_of(number_plan=PLAN).value.rules() == ()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"tier": "bronze", "trips": 1}, "value.tiers"),
        ({"tier": "none", "trips": 1}, "value.tiers"),
        ({"tier": "gold"}, "no condition; give trips or spend"),
        ({"tier": "gold", "spend": 100}, "give spend and currency together"),
        ({"tier": "gold", "trips": 1, "currency": "EUR"}, "give spend and currency together"),
        ({"tier": "gold", "spend": 100, "currency": "XXX"}, "none of IRR, IRT, EUR"),
        ({"tier": "gold", "trips": 1001}, "1001"),
        ({"tier": "gold", "trips": -1}, "-1"),
        ({"tier": "gold", "trip": 3}, "trip"),
    ],
)
def test_a_rule_for_a_tier_that_cannot_be_meant_is_refused(
    rule: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidSettingsError, match=re.escape(words)):
        settings_of(number_plan=PLAN, value={"tiers": [rule]})


def test_a_batch_of_vouchers_has_from_one_to_a_thousand() -> None:
    for count in (1, 1000):
        assert settings_of(number_plan=PLAN, vouchers={"batch": count}).vouchers.batch == count
    for count in (0, 1001):
        with pytest.raises(InvalidSettingsError, match=r"vouchers\.batch"):
            settings_of(number_plan=PLAN, vouchers={"batch": count})


def test_points_become_rules_and_are_refused_without_an_amount() -> None:
    given = {"per_trip": 1, "called": "stamps", "months": 24, "since": "2027-01-01"}
    rules = settings_of(number_plan=PLAN, points=given).points.rules()
    assert (rules.per_trip, rules.are_stamps, rules.months, rules.is_used) == (1, True, 24, True)
    assert rules.since == date(2027, 1, 1)
    assert not settings_of(number_plan=PLAN).points.rules().is_used
    for wrong in (
        {"per_amount": 1},
        {"per_amount": 1, "amount": 100},
        {"per_amount": 1, "amount": 100, "currency": "XXX"},
        {"per_trip": 100_001},
        {"months": 601},
    ):
        with pytest.raises(InvalidSettingsError):
            settings_of(number_plan=PLAN, points=wrong)
