"""Invented numbers, words and addresses that take the place of those in a recording."""

from collections.abc import Iterable, Mapping
from random import Random

from screenpop.common.search_normalization import fold
from screenpop.simulator.recording_file import RecordingError

_BLOCK_DIGITS = 4
"""Of a local number of seven digits; the other three count within the block."""
_BLOCK_SIZE = 1000
_LONGEST_SYLLABLES = 4


class InventedNumbers:
    """An invented local number for each of a recording; none is one that the recording has.

    Raises ``RecordingError`` if more blocks of a thousand numbers occur than are left over.
    """

    def __init__(self, local_numbers: Iterable[str], random: Random) -> None:
        self._random = random
        blocks = sorted({local[:_BLOCK_DIGITS] for local in local_numbers})
        free: dict[str, list[str]] = {"0": [], "1": [], "2": []}
        taken = set(blocks)
        for number in range(10**_BLOCK_DIGITS):
            block = f"{number:0{_BLOCK_DIGITS}}"
            if block not in taken:
                free[_first_digit_class(block)].append(block)
        for choices in free.values():
            random.shuffle(choices)
        self._blocks: dict[str, str] = {}
        for block in blocks:
            choices = free[_first_digit_class(block)]
            if not choices:
                raise RecordingError(
                    f"The recording holds numbers of {len(blocks)} different blocks, more than can"
                    " be replaced by others. Anonymise it in parts."
                )
            self._blocks[block] = choices.pop()
        self._within: dict[str, list[int]] = {}

    def local_number(self, local: str) -> str:
        block, place = local[:_BLOCK_DIGITS], int(local[_BLOCK_DIGITS:])
        order = self._within.get(block)
        if order is None:
            order = self._within[block] = list(range(_BLOCK_SIZE))
            self._random.shuffle(order)
        return f"{self._blocks[block]}{order[place]:03}"


def _first_digit_class(block: str) -> str:
    """A local number that begins with 0 or 1 is read differently in many countries."""
    return block[0] if block[0] in "01" else "2"


class InventedWords:
    """An invented word for each word of names; all spellings that fold to one text share it."""

    def __init__(
        self, words: Mapping[str, str], dialplan_words: Iterable[str], random: Random
    ) -> None:
        taken = {*words, *dialplan_words}
        self._invented: dict[str, str] = {}
        for folded, spelling in words.items():
            word = _invented_word(spelling, taken, random)
            taken.add(fold(word))
            self._invented[folded] = word

    def word(self, word: str) -> str:
        """Return the invented word, with the case of this one."""
        return _with_case_of(word, self._invented[fold(word)])

    def known_word(self, word: str) -> str:
        """Return the invented word, or this one if no name has it."""
        invented = self._invented.get(fold(word))
        return word if invented is None else _with_case_of(word, invented)


_LETTERS = {
    "latin": ("bdfgklmnprstvz", "aeiou"),
    "arabic": ("بدرزسشفکلمن", "اوی"),
    "greek": ("βγδκλμνπρσφ", "αειο"),
}


def _script(word: str) -> str:
    code = ord(word[0])
    if 0x370 <= code <= 0x3FF or 0x1F00 <= code <= 0x1FFF:
        return "greek"
    return "arabic" if 0x600 <= code <= 0x6FF or 0xFB50 <= code <= 0xFEFF else "latin"


def _invented_word(spelling: str, taken: set[str], random: Random) -> str:
    consonants, vowels = _LETTERS[_script(spelling)]
    length = min(max(2, (len(spelling) + 1) // 2), _LONGEST_SYLLABLES)
    while True:
        for _ in range(100):
            word = "".join(random.choice(consonants) + random.choice(vowels) for _ in range(length))
            if fold(word) not in taken:
                return word
        length += 1


def _with_case_of(word: str, invented: str) -> str:
    if word.islower():
        return invented
    return invented.upper() if word.isupper() and len(word) > 1 else invented.capitalize()


_DOCUMENTATION_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""Addresses that no machine has (source: RFC 5737)."""
_HOSTS = 254


class InventedAddresses:
    """An address of the networks for documentation for each IPv4 address, in turn.

    Those of the machine itself and ``0.0.0.0`` stay. After 762 they begin again.
    """

    def __init__(self) -> None:
        self._invented: dict[str, str] = {}

    def address(self, text: str) -> str:
        if text.startswith(("127.", "0.0.0.")):
            return text
        place = len(self._invented)
        network = _DOCUMENTATION_NETWORKS[place // _HOSTS % len(_DOCUMENTATION_NETWORKS)]
        return self._invented.setdefault(text, f"{network}.{place % _HOSTS + 1}")
