"""The shipped list of common passwords, and what is refused because of it."""

import hashlib

import pytest

from screenpop.accounts.password_policy import check_password_policy
from screenpop.store.accounts.common_passwords import FILE, SHA256, common_passwords

COMMON = (
    "1q2w3e4r5t6y",
    "Sunshine2024",
    "2024-Dragon!",
    "Dr4gon!2024",
    "$unsh1ne2024",
    "dragon dragon",
    "Football 123",
    # Typed with the keyboard set to Persian or Greek.
    "ضصثقفغع۱۲۳۴",
    ";ςερτυθιο12",
    "δραγον2024",
    "ΔΡΑΓΟΝ2024",
    "يقشلخد۲۰۲۴",
    # Words of the office's languages.
    "سلام سلام ۱۲",
    "Σ'αγαπώ2026".replace("'", ""),
)
FREE = (
    "correct horse battery staple",
    "Tr0ub4dor&3",
    "dragons eat sunshine",
    "sunshine8273645",
    "κίτρινο ποδήλατο στη βροχή",
    "دوچرخه‌ی زرد در باران",
)


def test_the_list_is_the_released_one_and_has_ten_thousand_passwords() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256
    assert len(common_passwords()) == 10_000
    assert FILE.with_name("common_passwords.LICENSE.txt").read_text().startswith("MIT License")


@pytest.mark.defends("password-policy")
def test_a_common_password_is_refused_in_any_spelling_and_a_sentence_is_not() -> None:
    for password in (*COMMON, *FREE):
        found = {one.code for one in check_password_policy(password, common=common_passwords())}
        assert found == ({"too_common"} if password in COMMON else set()), password
