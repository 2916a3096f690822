"""Names of common destinations in the three languages, for cards in the agent's language.

A trip keeps its destination as written; a place that is not in this table is shown as written.
"""

from screenpop.common.search_normalization import fold

_NAMES: tuple[tuple[str, str, str], ...] = (
    ("Istanbul", "استانبول", "Κωνσταντινούπολη"),
    ("Antalya", "آنتالیا", "Αττάλεια"),
    ("Ankara", "آنکارا", "Άγκυρα"),
    ("Izmir", "ازمیر", "Σμύρνη"),
    ("Cappadocia", "کاپادوکیه", "Καππαδοκία"),
    ("Dubai", "دبی", "Ντουμπάι"),
    ("Abu Dhabi", "ابوظبی", "Άμπου Ντάμπι"),
    ("Doha", "دوحه", "Ντόχα"),
    ("Muscat", "مسقط", "Μασκάτ"),
    ("Athens", "آتن", "Αθήνα"),
    ("Thessaloniki", "تسالونیکی", "Θεσσαλονίκη"),
    ("Santorini", "سانتورینی", "Σαντορίνη"),
    ("Mykonos", "میکونوس", "Μύκονος"),
    ("Crete", "کرت", "Κρήτη"),
    ("Rhodes", "رودس", "Ρόδος"),
    ("Corfu", "کورفو", "Κέρκυρα"),
    ("Larnaca", "لارناکا", "Λάρνακα"),
    ("Tehran", "تهران", "Τεχεράνη"),
    ("Isfahan", "اصفهان", "Ισφαχάν"),
    ("Shiraz", "شیراز", "Σιράζ"),
    ("Mashhad", "مشهد", "Μασχάντ"),
    ("Tabriz", "تبریز", "Ταμπρίζ"),
    ("Yazd", "یزد", "Γιαζντ"),
    ("Kish", "کیش", "Κις"),
    ("Qeshm", "قشم", "Κεσμ"),
    ("Yerevan", "ایروان", "Ερεβάν"),
    ("Tbilisi", "تفلیس", "Τιφλίδα"),
    ("Batumi", "باتومی", "Μπατούμι"),
    ("Baku", "باکو", "Μπακού"),
    ("Moscow", "مسکو", "Μόσχα"),
    ("Rome", "رم", "Ρώμη"),
    ("Venice", "ونیز", "Βενετία"),
    ("Milan", "میلان", "Μιλάνο"),
    ("Florence", "فلورانس", "Φλωρεντία"),
    ("Paris", "پاریس", "Παρίσι"),
    ("London", "لندن", "Λονδίνο"),
    ("Edinburgh", "ادینبورو", "Εδιμβούργο"),
    ("Vienna", "وین", "Βιέννη"),
    ("Prague", "پراگ", "Πράγα"),
    ("Budapest", "بوداپست", "Βουδαπέστη"),
    ("Berlin", "برلین", "Βερολίνο"),
    ("Munich", "مونیخ", "Μόναχο"),
    ("Frankfurt", "فرانکفورت", "Φρανκφούρτη"),
    ("Amsterdam", "آمستردام", "Άμστερνταμ"),
    ("Brussels", "بروکسل", "Βρυξέλλες"),
    ("Zurich", "زوریخ", "Ζυρίχη"),
    ("Geneva", "ژنو", "Γενεύη"),
    ("Barcelona", "بارسلونا", "Βαρκελώνη"),
    ("Madrid", "مادرید", "Μαδρίτη"),
    ("Lisbon", "لیسبون", "Λισαβόνα"),
    ("Stockholm", "استکهلم", "Στοκχόλμη"),
    ("Oslo", "اسلو", "Όσλο"),
    ("Copenhagen", "کپنهاگ", "Κοπεγχάγη"),
    ("Sofia", "صوفیه", "Σόφια"),
    ("Belgrade", "بلگراد", "Βελιγράδι"),
    ("Cairo", "قاهره", "Κάιρο"),
    ("Marrakesh", "مراکش", "Μαρακές"),
    ("Bangkok", "بانکوک", "Μπανγκόκ"),
    ("Phuket", "پوکت", "Πουκέτ"),
    ("Kuala Lumpur", "کوالالامپور", "Κουάλα Λουμπούρ"),
    ("Singapore", "سنگاپور", "Σιγκαπούρη"),
    ("Bali", "بالی", "Μπαλί"),
    ("Maldives", "مالدیو", "Μαλδίβες"),
    ("Delhi", "دهلی", "Δελχί"),
    ("Tokyo", "توکیو", "Τόκιο"),
    ("Beijing", "پکن", "Πεκίνο"),
    ("New York", "نیویورک", "Νέα Υόρκη"),
    ("Toronto", "تورنتو", "Τορόντο"),
    ("Sydney", "سیدنی", "Σίδνεϊ"),
    ("Mecca", "مکه", "Μέκκα"),
    ("Medina", "مدینه", "Μεδίνα"),
    ("Karbala", "کربلا", "Καρμπάλα"),
    ("Najaf", "نجف", "Νατζάφ"),
    ("Beirut", "بیروت", "Βηρυτός"),
)

_LANGUAGES = ("en", "fa", "el")
_KNOWN: dict[str, dict[str, str]] = {
    fold(name): dict(zip(_LANGUAGES, names, strict=True)) for names in _NAMES for name in names
}
_SPELLINGS = {
    "Κων/πολη": "Istanbul",
    "Κων/λη": "Istanbul",
    "استامبول": "Istanbul",
    "Estanbul": "Istanbul",
    "Θεσ/νίκη": "Thessaloniki",
    "Esfahan": "Isfahan",
    "Kerkyra": "Corfu",
    "Kriti": "Crete",
}
"""Other spellings of places, by the English name."""
_KNOWN |= {fold(written): _KNOWN[fold(name)] for written, name in _SPELLINGS.items()}
# Folding costs more than the look-up, and cards ask for the same few places again and again.
_AS_WRITTEN: dict[str, dict[str, str]] = {name: _KNOWN[fold(name)] for n in _NAMES for name in n}

_OTHER_WORDS: dict[str, tuple[str, ...]] = {
    fold(name): tuple(fold(other) for other in names if other != name and " " not in fold(other))
    for names in _NAMES
    for name in names
    if " " not in fold(name)
}


def other_place_names(word: str) -> tuple[str, ...]:
    """Return the names, of one word and folded, that a place has in the other two languages."""
    return _OTHER_WORDS.get(word, ())


def place_key(written: str) -> str:
    """Return one word for a place, the same in all three languages if it is in the table."""
    folded = fold(written)
    names = _KNOWN.get(folded)
    plain = fold(names["en"]) if names else folded
    return "".join(filter(str.isalnum, plain))


def place_name(written: str, language: str) -> str:
    """Return the destination in ``language`` (``en``, ``fa``, ``el``); as written if not known."""
    names = _AS_WRITTEN.get(written)
    if names is None:
        names = _KNOWN.get(fold(written), {}) if len(written) < 40 else {}
    return names.get(language, written)


def all_place_names(written: str) -> tuple[str, ...]:
    """Return the folded names of a place in all languages; of an unknown one, as written."""
    folded = fold(written)
    names = _KNOWN.get(folded)
    return tuple(fold(name) for name in names.values()) if names else (folded,)
