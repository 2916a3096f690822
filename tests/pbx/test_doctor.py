"""``screenpop doctor`` at a real Asterisk, with the files of asterisk_conf/ and with worse ones."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pbx_lab.stage import Stage
from tests.pbx.product import COMMAND, ENVIRONMENT, Product
from tests.pbx.staff import product_in


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """Set up, but not serving."""
    return product_in(tmp_path / "visited")


def doctor(product: Product, *options: str) -> tuple[int, str]:
    """How it ended and what it printed."""
    done = subprocess.run(
        [COMMAND, "doctor", *options],
        cwd=product.folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_doctor_is_content_with_a_pbx_set_up_by_our_own_files(
    stage: Stage, product: Product
) -> None:
    assert stage.version
    status, output = doctor(product)
    assert status == 0, output
    assert "accepts the login and sends its calls" in output
    assert "Its clock and ours agree" in output
    assert "can change nothing on the PBX" in output
    assert "only a call can show" in output


def test_a_call_that_is_up_shows_that_withheld_numbers_are_marked(
    stage: Stage, product: Product
) -> None:
    stage.phone("103", 0.1)
    customer = stage.call("02191001103")
    stage.until_talks("103")
    _, output = doctor(product)
    stage.hang_up(customer)
    assert "It reports when a caller withholds the number" in output, output


def test_our_own_user_may_place_no_test_call_and_that_is_reported(
    stage: Stage, product: Product
) -> None:
    stage.phone("103", 0.1)
    status, output = doctor(product, "--test-call", "103")
    assert status == 0, output
    assert "may not place calls, which is as it should be" in output


def log_in_as(product: Product, name: str) -> None:
    settings = product.folder / "screenpop.toml"
    text = settings.read_text(encoding="utf-8").replace('"screenpop"', f'"{name}"')
    lines = [
        f'secret = "{name}"' if line.startswith("secret") else line for line in text.splitlines()
    ]
    settings.write_text("\n".join(lines), encoding="utf-8")


def test_a_phone_that_answers_the_test_call_is_reported_as_answered(
    stage: Stage, product: Product
) -> None:
    stage.phone("103", 0.1)
    log_in_as(product, "tester")
    status, output = doctor(product, "--test-call", "103")
    assert status == 0, output
    assert "PJSIP/103 answered; the call was seen from its start to its end" in output, output


def test_a_phone_that_rings_unanswered_or_is_busy_is_no_fault_of_the_configuration(
    stage: Stage, product: Product
) -> None:
    log_in_as(product, "tester")
    stage.phone("102", None)
    stage.phone("103", 0, refuses="486 Busy Here")
    status, output = doctor(product, "--test-call", "102")
    assert status == 0, output
    assert "PJSIP/102 rang without an answer; the call was seen" in output, output
    status, output = doctor(product, "--test-call", "103")
    assert status == 0, output
    assert "PJSIP/103 is busy, or set to do not disturb; the call was seen" in output, output


def test_a_right_configuration_is_not_blamed_for_a_phone_that_is_not_reachable(
    stage: Stage, product: Product
) -> None:
    assert stage.version
    log_in_as(product, "tester")
    status, output = doctor(product, "--test-call", "nobody")
    assert status == 0, output
    assert "PJSIP/nobody could not be reached" in output, output


def test_a_user_that_may_call_but_not_listen_is_reported_with_what_is_missing(
    stage: Stage, product: Product
) -> None:
    stage.phone("103", 0.1)
    log_in_as(product, "operator")
    status, output = doctor(product, "--test-call", "103")
    assert status == 1
    assert "may do more than it needs" in output, output
    assert "no event came: add call to read" in output, output
