"""The stored words that begin as typed, for the search on PostgreSQL.

PostgreSQL reads all rows of all words with a beginning before it compares them with those of the
other words typed: ten times the work of whole words, of which it skips most rows. So a search there
is for the words that the customers have, by ``search_word_keys``.

Words with digits in them (``karimi85`` of an e-mail address) are too many to list. The table has
the letters that they begin with, under the key ``DIGITS_FOLLOW``.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, bindparam, exists, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from screenpop.customers.similar_names import KEY_LETTERS
from screenpop.store.schema.customer_tables import search_word_keys
from screenpop.store.schema.tables import meta

DIGITS_FOLLOW = "0"
"""The key of letters with which words with digits begin; keys of words have no digits."""
_SHORTEST = 3
"""Letters; fewer begin too many words."""
_MOST_WORDS = 40
"""Words that a typed beginning may have; of more, PostgreSQL searches for the beginning itself."""
_MOST_WITH_DIGITS = 4
"""Each of these is ten beginnings to search for."""
_LAST = "\U0010ffff"
_typed = (
    func.unnest(bindparam("typed", type_=ARRAY(Text))).table_valued("beginning").render_derived()
)
_key, _word = search_word_keys.c.key, search_word_keys.c.word
# The condition of the index word for word, or PostgreSQL does not use it. The operators compare
# byte by byte, as its operator class does.
_begun = (
    select(_key, _word)
    .where(literal_column(f"(key = substr(word, 1, {KEY_LETTERS}) OR key = '{DIGITS_FOLLOW}')"))
    .where(_word.bool_op("~>=~")(_typed.c.beginning))
    .where(_word.bool_op("~<~")(_typed.c.beginning.concat(_LAST).self_group()))
    .limit(_MOST_WORDS + 1)
    .lateral("found")
)
BEGUN = (
    select(_typed.c.beginning, _begun.c.key, _begun.c.word)
    .select_from(_typed.join(_begun, true()))
    .where(exists().where(meta.c.key == "words_version", meta.c.value == bindparam("version")))
)


def begun_words(
    connection: Connection, words: Sequence[tuple[str, ...]], version: str
) -> list[tuple[str, ...]]:
    """Return for each typed word the words to search for; a star at the end marks a beginning.

    ``version``: of the stored words, ``WORDS_VERSION``. While the words of another version are
    rewritten, and for beginnings of no or many words, of digits, or of too few letters, it is the
    beginning itself.
    """
    listed = sorted({one for word in words for one in word if _is_listed(one)})
    found: dict[str, list[Any]] = {}
    if listed:
        for row in connection.execute(BEGUN, {"typed": listed, "version": version}):
            found.setdefault(row.beginning, []).append(row)
    return [
        tuple(dict.fromkeys(whole for one in word for whole in _whole(one, found.get(one))))
        for word in words
    ]


def _is_listed(word: str) -> bool:
    return word.isalpha() and len(word) >= _SHORTEST


def _whole(beginning: str, rows: Sequence[Any] | None) -> Sequence[str]:
    # No row: nothing is read for a beginning that no word has, and one that is missing is found.
    if not rows or len(rows) > _MOST_WORDS:
        return (f"{beginning}*",)
    digits = [row.word for row in rows if row.key == DIGITS_FOLLOW]
    if len(digits) > _MOST_WITH_DIGITS:
        return (f"{beginning}*",)
    return [
        *(row.word for row in rows if row.key != DIGITS_FOLLOW),
        *(f"{letters}{digit}*" for letters in digits for digit in range(10)),
    ]
