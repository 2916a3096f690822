"""The alert rules, the dashboard and the figures, judged by Prometheus's own promtool."""

import json
import subprocess
from pathlib import Path

import httpx
import yaml  # type: ignore[import-untyped]

from tests.app.test_monitoring_files import panels
from tests.browser.demo_server import DemoServer
from tests.tools import PROMTOOL, environment_of

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "packaging/prometheus-alerts.yml"


def promtool(*arguments: str | Path, text: str = "") -> str:
    program = PROMTOOL.ensure_for_test()
    done = subprocess.run(
        [program, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env=environment_of(PROMTOOL, program),
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_rules_are_valid_and_fire_when_they_should() -> None:
    assert "rules found" in promtool("check", "rules", ALERTS)
    assert "SUCCESS" in promtool("test", "rules", ROOT / "tests/operation/alerts.yml")


def test_each_query_of_the_dashboard_is_valid(tmp_path: Path) -> None:
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    rules = [
        {"record": f"query:{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(queries)
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(queries)} rules found" in promtool("check", "rules", file)


def test_the_sample_of_the_documentation_is_a_configuration(tmp_path: Path) -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    sample = yaml.safe_load(page.partition("# prometheus.yml\n")[2].partition("```")[0])
    (tmp_path / "prometheus-alerts.yml").write_text(ALERTS.read_text())
    token = tmp_path / "token"
    token.write_text("spop_x")
    sample["scrape_configs"][0]["authorization"]["credentials_file"] = str(token)
    (tmp_path / "prometheus.yml").write_text(json.dumps(sample))
    assert "SUCCESS" in promtool("check", "config", tmp_path / "prometheus.yml")


def test_the_figures_of_a_server_follow_the_conventions(server: DemoServer) -> None:
    text = httpx.get(f"{server.url}/metrics", timeout=20).text
    assert "screenpop_build_info{" in text
    assert promtool("check", "metrics", text=text) == ""
