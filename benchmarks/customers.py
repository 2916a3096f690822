"""Databases of invented customers, made once for each size and cached in ``.cache/``.

SQL derives each row from its id, so the same size always gives the same customers (only the dates
of trips depend on the day the database was made). Every phone number is valid.
"""

import hashlib
import inspect
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import phonenumbers

from screenpop.customers.match_keys import MATCH_VERSION, MatchFacts, match_keys
from screenpop.customers.models import Gender
from screenpop.customers.similar_names import similarity_keys
from screenpop.demo.names import DESTINATIONS, NAME_LISTS
from screenpop.store.engine.migrate import migrate
from screenpop.store.follow_ups.work_list_build import BUILT_KEY
from screenpop.store.lookup.lookup_rows import names_from_json, names_to_json
from screenpop.store.search.queries import WORDS_VERSION, number_words, searchable_words
from screenpop.store.value.rows import SCORED_KEY

TIMEZONE = "Asia/Tehran"
"""Of the office."""
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "benchmarks"
_NAMES = 600
_WORDS = (
    "Asks for a quiet room on a high floor and an early check-in; pays by bank transfer.",
    "Prefers to be called in the evening. Travels with two children and a pushchair.",
    "",
    "",
)


def customer_database(size: int) -> Path:
    """Return the database with ``size`` customers. It is read only: write to a ``work_copy``."""
    path = CACHE / f"customers-{size}-{_recipe()}.db"
    if not path.exists():
        print(f"Making {size:,} customers (once) ...", file=sys.stderr, flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(f".{os.getpid()}")
        make_customers(making, size)
        making.rename(path)
    return path


def make_customers(path: Path, size: int) -> None:
    """Make a new database with ``size`` customers."""
    migrate(f"sqlite:///{path}")
    _fill(path, size)


def work_copy(size: int, folder: Path) -> Path:
    """Return a copy that one run may write to, in its own data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "screenpop.db"
    shutil.copyfile(customer_database(size), copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        # Lists and values of a million customers take minutes of a core and SQLite's only lock for
        # writing, once a day: not beside the calls.
        today = datetime.now(ZoneInfo(TIMEZONE)).date().isoformat()
        done = [(BUILT_KEY, today), (SCORED_KEY, today)]
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", done)
    return copy


def draw_callers(database: Path, count: int, seed: int) -> tuple[str, ...]:
    """Return ``count`` random E.164 numbers of customers."""
    with closing(sqlite3.connect(database)) as connection:
        [most] = connection.execute("SELECT max(id) FROM customer_phones").fetchone()
        rng = random.Random(seed)
        ids = [rng.randint(1, most) for _ in range(count)]
        read = "SELECT e164 FROM customer_phones WHERE id = ?"
        return tuple([connection.execute(read, (one,)).fetchone()[0] for one in ids])


def _recipe() -> str:
    """Return a hash that changes with the rows or the tables."""
    migrations = Path(inspect.getfile(migrate)).parents[1] / "schema" / "migrations" / "versions"
    sources = [Path(__file__), *sorted(migrations.glob("*.py"))]
    text = b"".join(source.read_bytes() for source in sources)
    return hashlib.sha256(text).hexdigest()[:12]


def _fill(path: Path, size: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        run = connection.execute
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-800000"):
            run(f"PRAGMA {pragma}")
        connection.create_function("number_words", 1, lambda number: number_words("", number))
        run("BEGIN")
        run("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)")
        run(
            "WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?)"
            " INSERT INTO n SELECT i FROM up",
            (size,),
        )
        run("CREATE TEMP TABLE name (id INTEGER PRIMARY KEY, names, language, gender, found)")
        connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?, ?)", _names())
        connection.executemany(
            "INSERT OR IGNORE INTO search_word_keys (key, word) VALUES (?, ?)", _word_keys()
        )
        run("CREATE TEMP TABLE place (id INTEGER PRIMARY KEY, name, country, price)")
        connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?)", _places())
        run("CREATE TEMP TABLE words (id INTEGER PRIMARY KEY, words, found)")
        notes = [(place, text, searchable_words([text])) for place, text in enumerate(_WORDS)]
        connection.executemany("INSERT INTO words VALUES (?, ?, ?)", notes)
        for statement in (_HOUSEHOLDS, _CUSTOMERS, _PHONES, _TRIPS, _CASES, _CALLS, _CALL_NOTES):
            run(statement)
        _match(connection)
        # The current versions, so that no maintenance runs beside the calls.
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", _VERSIONS)
        run("COMMIT")


def _names() -> Iterator[tuple[int, str, str, str, str]]:
    rng = random.Random(1404)
    for number in range(_NAMES):
        language = ("fa", "fa", "el", "en")[number % 4]
        gender = rng.choice((Gender.WOMAN, Gender.MAN))
        names = NAME_LISTS[language].name(gender, rng.randrange(10_000), rng.randrange(10_000))
        found = searchable_words([one.full for one in names.values()])
        yield number, orjson.dumps(names_to_json(names)).decode(), language, gender.value, found


def _word_keys() -> Iterator[tuple[str, str]]:
    """The keys of the words of names, as the maintenance writes them."""
    words = {word for *_, found in _names() for word in found.split() if len(word) > 1}
    for word in sorted(filter(str.isalpha, words)):
        for key in similarity_keys(word):
            yield key, word


def _match(connection: sqlite3.Connection) -> None:
    """Write the keys and the groups of duplicates, as the maintenance does."""
    connection.executemany(
        "INSERT INTO match_keys (key, customer_id) VALUES (?, ?)", _keys(connection)
    )
    connection.execute(
        "INSERT INTO duplicate_groups (key)"
        " SELECT key FROM match_keys GROUP BY key HAVING count(*) > 1"
    )


def _keys(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    rows = connection.execute(
        "SELECT id, names, birthday, (SELECT group_concat(last_nine) FROM customer_phones"
        " WHERE customer_id = customers.id) FROM customers"
    )
    found: list[tuple[int, int]] = []
    for customer_id, names, birthday, numbers in rows:
        spelt = tuple(name.full for name in names_from_json(orjson.loads(names)).values())
        day = date.fromisoformat(birthday)
        keys = match_keys(MatchFacts(spelt, tuple(numbers.split(",")), (), day))
        found += [(key, customer_id) for key in keys]
    return sorted(found)


def _places() -> Iterator[tuple[int, str, str, int]]:
    for number, place in enumerate(DESTINATIONS):
        yield number, place.name["fa"], place.country, place.price_eur


def _die(of: str, salt: int, sides: int) -> str:
    """Return SQL for a pseudo-random number from 0 to ``sides - 1``."""
    return f"(({of}) * {2654435761 + 15838 * salt} % 4294967296 / 4096 % {sides})"


def _one_of(of: str, salt: int, *texts: str) -> str:
    cases = " ".join(f"WHEN {place} THEN '{text}'" for place, text in enumerate(texts))
    return f"(CASE {_die(of, salt, len(texts))} {cases} END)"


# 7919 and ten million have no divisor in common: no number is given out twice.
_SUBSCRIBER = "printf('%07d', i * 7919 % 10000000)"
_MOBILE = f"(CASE i % 3 WHEN 0 THEN '+30697' ELSE '+98912' END || {_SUBSCRIBER})"
_HOME = f"('+98218' || {_SUBSCRIBER})"

_VERSIONS = (
    ("words_version", WORDS_VERSION),
    ("match_version", MATCH_VERSION),
    ("numbers_version", f"{phonenumbers.__version__} IR "),
)

_HOUSEHOLDS = """
    INSERT INTO households (id, kind, name)
    SELECT i, 'household', 'Family ' || i FROM n WHERE i % 5 = 0"""

_CUSTOMERS = f"""
    INSERT INTO customers (id, title, gender, names, language, birthday, tier, vip, balance,
        currency, marketing_consent, customer_since, preferences, tags, notes, household_id,
        folded, folded_notes, created_at, changed_at)
    SELECT i, {_one_of("i", 1, "mr", "ms", "mr", "ms", "dr", "eng")}, gender, names, language,
        date('1950-01-01', {_die("i", 2, 20000)} || ' days'),
        {_one_of("i", 3, "none", "none", "silver", "gold", "none", "platinum")},
        {_die("i", 4, 25)} = 0, {_die("i", 5, 10)} / 8 * 250, 'EUR', {_die("i", 6, 12)} > 0,
        date('2014-01-01', {_die("i", 7, 4000)} || ' days'),
        {_one_of("i", 8, "aisle login", "window login, vegetarian", "", "sea view")}, '[]', words,
        CASE WHEN {_die("i", 9, 3)} = 0 AND i >= 5 THEN i / 5 * 5 END,
        name.found || ' ' || number_words({_MOBILE})
            || CASE WHEN i % 3 = 1 THEN ' ' || number_words({_HOME}) ELSE '' END,
        words.found, 1764000000, 1764000000
    FROM n JOIN name ON name.id = {_die("i", 10, _NAMES)}
    JOIN words ON words.id = {_die("i", 11, len(_WORDS))}
    ORDER BY i"""

_PHONES = f"""
    INSERT INTO customer_phones (customer_id, raw, e164, last_nine, label, since)
    SELECT i, number, number, substr(number, -9), label, '2020-05-01'
    FROM (
        SELECT i, 'mobile' AS label, {_MOBILE} AS number FROM n
        UNION ALL
        SELECT i, 'home', {_HOME} FROM n WHERE i % 3 = 1
    )
    ORDER BY i"""

_TRIPS = f"""
    INSERT INTO trips (customer_id, destination, country, product, departs, returns, status,
        adults, children, price, paid, currency, visa, note, rating)
    SELECT i, place.name, place.country, {_one_of("i + k", 21, "tour", "flight", "flight_hotel")},
        date('now', (60 - k * 170 - {_die("i + k", 22, 150)}) || ' days'),
        date('now', (68 - k * 170 - {_die("i + k", 22, 150)}) || ' days'),
        CASE k WHEN 0 THEN 'ticketed' ELSE 'travelled' END, 2, {_die("i + k", 23, 3)},
        place.price * 2, place.price * 2, 'EUR', 'not_needed', '', {_die("i + k", 24, 4)} + 2
    FROM n JOIN (SELECT value AS k FROM json_each('[0, 1, 2, 3, 4, 5]'))
        ON {_die("i", 20, 7)} > k
    JOIN place ON place.id = {_die("i * 7 + k", 25, len(DESTINATIONS))}
    ORDER BY i, k"""

_CASES = f"""
    INSERT INTO cases (customer_id, kind, state, subject, opened)
    SELECT i, {_one_of("i", 31, "complaint", "refund", "question")},
        {_one_of("i", 32, "open", "waiting", "closed")}, 'The transfer did not come',
        date('now', '-20 days')
    FROM n WHERE {_die("i", 30, 7)} = 0"""

_CALLS = f"""
    INSERT INTO calls (pbx, boot, linkedid, direction, caller_raw, caller_kind, e164, did,
        arrived_at, answered_at, ended_at, disposition, answered_by, wait_s, talk_s, customer_id,
        kept_at)
    SELECT 'office', 'earlier', '1700000000.' || (i * 4 + k), 'inbound', e164, 'number', e164,
        '02191000101', 1764000000 - at, 1764000009 - at, 1764000200 - at, 'answered', '["1001"]',
        9.0, 191.0, i, 1764000200 - at
    FROM (
        SELECT i, k, (k * 3000 + {_die("i + k", 41, 2900)}) * 1000 AS at, {_MOBILE} AS e164
        FROM n JOIN (SELECT value AS k FROM json_each('[0, 1, 2]')) ON {_die("i", 40, 4)} > k
    )
    ORDER BY i, k"""

_CALL_NOTES = """
    INSERT INTO call_notes (pbx, boot, linkedid, call_id, text, changed_at)
    SELECT pbx, boot, linkedid, id, 'Asked about logins together; will call again on Monday.',
        kept_at
    FROM calls WHERE id % 4 = 0"""
