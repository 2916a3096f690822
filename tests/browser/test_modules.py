"""The scripts that make decisions, one by one, in a real browser on a page of the real server."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from screenpop.customers.yearless_days import persian_text
from tests.browser.demo_server import DemoServer

InLanguage = Callable[[str], Page]


@pytest.fixture(scope="module")
def in_language(browser: Browser, shared_server: DemoServer) -> Iterator[InLanguage]:
    pages: dict[str, Page] = {}

    def in_language(locale: str) -> Page:
        if locale not in pages:
            context = browser.new_context(
                base_url=shared_server.url, locale=locale, timezone_id="Europe/Athens"
            )
            pages[locale] = context.new_page()
            pages[locale].goto("/login")
        return pages[locale]

    yield in_language
    for page in pages.values():
        page.context.close()


@pytest.fixture
def blank(in_language: InLanguage, request: pytest.FixtureRequest) -> Page:
    """A page that does nothing, shared: for scripts that leave nothing behind."""
    return in_language(getattr(request, "param", "en-GB"))


def cards(page: Page, steps: str) -> Any:
    """The last line's value, after the lines before it."""
    lines = [line.strip() for line in steps.strip().splitlines()]
    body = "; ".join(lines[:-1])
    return page.evaluate(
        "async () => { sessionStorage.clear();"
        ' const { Cards } = await import("/static/js/card_list.js");'
        " const cards = new Cards();"
        " const card = (id, state, more = {}) =>"
        " ({ id, state, rev: 1, arrived_at: 0, since: 0, answered_at: null, ...more });"
        f" {body}; return {lines[-1]}; }}"
    )


def test_an_older_revision_changes_nothing(blank: Page) -> None:
    assert (
        cards(
            blank,
            """
            cards.apply(card("a", "talking", { rev: 3 }))
            cards.apply(card("a", "ringing", { rev: 2 }))
            cards.get("a").state
            """,
        )
        == "talking"
    )


def test_a_snapshot_is_the_truth_whatever_its_revisions(blank: Page) -> None:
    assert cards(
        blank,
        """
        cards.apply(card("a", "talking", { rev: 9 }))
        cards.apply(card("b", "ringing"))
        cards.replace([card("a", "held", { rev: 1 })])
        cards.shown().map((one) => one.id + one.state)
        """,
    ) == ["aheld"]


def test_the_call_in_hand_comes_first_and_whole(blank: Page) -> None:
    order, whole = cards(
        blank,
        """
        cards.apply(card("old", "held", { answered_at: 1 }))
        cards.apply(card("rings", "ringing", { arrived_at: 3 }))
        cards.apply(card("over", "wrap_up", { answered_at: 1 }))
        cards.apply(card("in hand", "talking", { answered_at: 2 }))
        cards.apply(card("lost", "elsewhere"))
        [cards.shown().map((one) => one.id), cards.whole(cards.shown()).id]
        """,
    )
    assert order == ["in hand", "old", "rings", "over", "lost"]
    assert whole == "in hand"


def test_a_card_answered_elsewhere_leaves_after_six_seconds(blank: Page) -> None:
    assert cards(
        blank,
        """
        cards.apply(card("a", "elsewhere"), 1000)
        [cards.shown(6999).length, cards.shown(7000).length]
        """,
    ) == [1, 0]


def test_what_was_put_away_stays_away_until_something_new_happens(blank: Page) -> None:
    assert cards(
        blank,
        """
        cards.apply(card("a", "wrap_up"))
        cards.close("a")
        const away = cards.shown().length
        cards.apply(card("a", "ringing", { rev: 2 }))
        [away, cards.shown().length]
        """,
    ) == [0, 1]


def test_a_missed_call_is_beside_and_not_among_the_cards(blank: Page) -> None:
    assert cards(
        blank,
        """
        cards.apply(card("a", "missed"))
        [cards.shown().length, cards.missed().length]
        """,
    ) == [0, 1]


def dates(page: Page, expression: str) -> Any:
    return page.evaluate(
        'async () => { const dates = await import("/static/js/date_format.js");'
        ' const words = await import("/static/js/translations.js"); await words.loadTranslations();'
        f" return {expression}; }}"
    )


@pytest.mark.parametrize("blank", ["fa-IR"], indirect=True)
def test_persian_dates_are_jalali_in_persian_order_and_digits(blank: Page) -> None:
    assert dates(blank, "dates.month('2026-11-25')") == "آذر ۱۴۰۵"
    assert dates(blank, "dates.day('2026-03-21')") == "۱ فروردین ۱۴۰۵"
    assert dates(blank, "dates.length(64)") == "۱ دقیقه ۴ ثانیه"
    assert dates(blank, "dates.inDays(1)") == "فردا"
    assert dates(blank, "dates.money(12400000, 'IRT')") == "۱۲٬۴۰۰٬۰۰۰ تومان"


AFTER_LEAP, BEFORE_LEAP = "new Date(2026, 10, 29)", "new Date(2024, 1, 10)"


@pytest.mark.parametrize("blank", ["fa-IR"], indirect=True)
def test_a_day_without_a_year_is_the_persian_day_of_its_next_celebration(blank: Page) -> None:
    assert dates(blank, "dates.day('1904-08-03')").split()[1] == "مرداد"
    for today, day, shown in (
        (AFTER_LEAP, "1904-08-03", "۱۲ مرداد"),
        (BEFORE_LEAP, "1904-08-03", "۱۳ مرداد"),
        (AFTER_LEAP, "1904-11-29", "۸ آذر"),
        (AFTER_LEAP, "1904-11-28", "۷ آذر"),
        (AFTER_LEAP, "1904-02-29", "۹ اسفند"),
        (AFTER_LEAP, "1904-03-20", "۲۹ اسفند"),
    ):
        assert dates(blank, f"dates.dayWithoutYear('{day}', {today})") == shown
        year, month, number = (int(part) for part in re.findall(r"\d+", today))
        on = date(year, month + 1, number)
        assert persian_text(date.fromisoformat(day), on) == shown


@pytest.mark.parametrize(
    ("blank", "shown"), [("el-GR", "3 Αυγούστου"), ("en-GB", "3 August")], indirect=["blank"]
)
def test_a_day_without_a_year_shows_no_year(blank: Page, shown: str) -> None:
    assert dates(blank, "dates.day('1904-08-03')") == shown


NOON = (
    "(d => { const x = new Date(); x.setHours(12, 0, 0, 0); x.setDate(x.getDate() - d);"
    " return x / 1000; })"
)


@pytest.mark.parametrize(
    ("blank", "yesterday"),
    [("en-GB", "yesterday"), ("fa-IR", "دیروز"), ("el-GR", "χθες")],
    indirect=["blank"],
)
def test_a_day_of_the_last_week_has_its_weekday_and_today_has_the_time(
    blank: Page, yesterday: str
) -> None:
    shown = dates(blank, f"[0, 1, 6, 7].map((days) => dates.shortMoment({NOON}(days)))")
    timed = dates(blank, f"[0, 1, 6, 7].map((days) => dates.shortMomentWithTime({NOON}(days)))")
    time, week_ago = dates(blank, f"[dates.time({NOON}(0)), dates.dateOfMoment({NOON}(7))]")
    weekday = dates(
        blank,
        "new Intl.DateTimeFormat({'en': 'en-GB', 'fa': 'fa-IR', 'el': 'el-GR'}"
        f"[document.documentElement.lang], {{ weekday: 'short' }}).format({NOON}(6) * 1000)",
    )
    assert shown[0] == time
    assert shown[1] == yesterday
    assert shown[2].startswith(f"{weekday} ")
    assert shown[3] == week_ago
    assert timed == [time, *(f"{day} {time}" for day in shown[1:])]
    # No day has the form of a time of day, and no length has either.
    assert all(":" not in day for day in shown[1:])
    assert ":" not in dates(blank, "dates.length(725)")


@pytest.mark.parametrize("blank", ["el-GR"], indirect=True)
def test_greek_hours_run_to_twenty_four(blank: Page) -> None:
    afternoon = 1_790_000_000 - 1_790_000_000 % 86_400 + 13 * 3600
    assert dates(blank, f"dates.time({afternoon})") == "16:00"
    assert dates(blank, "dates.day('2026-11-25')") == "25 Νοε 2026"


def test_a_day_is_the_same_day_everywhere(blank: Page) -> None:
    assert dates(blank, "dates.day('2026-03-01')") == "1 Mar 2026"
    assert dates(blank, "dates.month('2026-03-01')") == "Mar 2026"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (599, "9 min 59 s"),
        (600, "10 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3723, "1 h 2 min"),
    ],
)
def test_lengths(blank: Page, seconds: float, text: str) -> None:
    assert dates(blank, f"dates.length({seconds})") == text


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (4, "evening"),
        (5, "morning"),
        (11, "morning"),
        (12, "noon"),
        (14, "afternoon"),
        (18, "evening"),
    ],
)
def test_the_greeting_follows_the_hour(blank: Page, hour: int, part: str) -> None:
    assert dates(blank, f"dates.partOfDay({hour})") == part


def test_one_and_many(blank: Page) -> None:
    words = "[0, 1, 2].map((n) => words.tn('%(num)s child', '%(num)s children', n))"
    assert dates(blank, words) == ["0 children", "1 child", "2 children"]


def found(page: Page, trace: list[dict[str, Any]]) -> list[str]:
    codes: list[str] = page.evaluate(
        'async (trace) => (await import("/static/js/trace_findings.js")).findings(trace)'
        ".map((one) => one.code)",
        trace,
    )
    return codes


def _steps(*steps: str) -> list[dict[str, Any]]:
    phone = {"agent": "Maryam", "endpoint": "101"}
    return [{"at": float(at), "step": step, **phone} for at, step in enumerate(steps)]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("dialled",), "no_card"),
        (("dialled", "card"), "no_browser"),
        (("dialled", "card", "received"), "not_painted"),
        (("dialled", "card", "received", "notified"), "notified_only"),
        (("dialled", "card", "received", "painted"), "painted"),
        (("dialled", "card", "received", "painted", "answered"), "before_pickup"),
        (("dialled", "answered", "card", "received", "painted"), "after_pickup"),
    ],
)
def test_why_a_card_appeared_or_not(blank: Page, steps: tuple[str, ...], code: str) -> None:
    assert found(blank, _steps(*steps)) == [code]


def test_a_call_without_a_phone_and_a_phone_without_an_agent_are_reported(blank: Page) -> None:
    assert found(blank, [{"at": 1.0, "step": "arrived"}]) == ["no_phone"]
    unknown_agent = [{"at": 1.0, "step": "dialled", "endpoint": "109", "agent": ""}]
    assert found(blank, unknown_agent) == ["nobody_sits"]


def test_one_of_several_tabs_speaks(browser: Browser, shared_server: DemoServer) -> None:
    context = browser.new_context(base_url=shared_server.url)
    pages = [context.new_page() for _ in range(3)]
    for number, page in enumerate(pages):
        page.goto("/login")
        page.evaluate(
            "async (id) => { const { Tabs } = await import('/static/js/tab_presence.js');"
            " window.tabs = new Tabs(id) }",
            str(number),
        )
    pages[1].wait_for_function("!window.tabs.speaks")
    pages[2].wait_for_function("!window.tabs.speaks")
    assert pages[0].evaluate("window.tabs.speaks")
    pages[0].close()
    pages[1].wait_for_function("window.tabs.speaks")
    assert not pages[2].evaluate("window.tabs.speaks")
    context.close()
