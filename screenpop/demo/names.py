"""Names and destinations of the demo customers.

Each line has a name in its own script and in Latin letters: ``script latin``.
"""

from dataclasses import dataclass

from screenpop.customers.models import Gender, PersonName


@dataclass(frozen=True, slots=True)
class NameList:
    """The names of one language. A family name can differ for women (Greek)."""

    language: str
    women: tuple[tuple[str, str], ...]
    men: tuple[tuple[str, str], ...]
    families_of_women: tuple[tuple[str, str], ...]
    families_of_men: tuple[tuple[str, str], ...]

    def name(self, gender: Gender, given: int, family: int) -> dict[str, PersonName]:
        """Return the name at these indexes (modulo the list lengths), in both scripts."""
        woman = gender is Gender.WOMAN
        first = self.women if woman else self.men
        last = self.families_of_women if woman else self.families_of_men
        own, latin = zip(first[given % len(first)], last[family % len(last)], strict=True)
        names = {self.language: PersonName(*own)}
        return names | {"en": PersonName(*latin)}


def _pairs(lines: str) -> tuple[tuple[str, str], ...]:
    pairs = [line.strip().rsplit(" ", 1) for line in lines.strip().splitlines()]
    return tuple((own, latin.replace("_", " ")) for own, latin in pairs)


def _same(words: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, word) for word in words.split())


_PERSIAN_FAMILIES = _pairs("""
    کریمی Karimi
    مرادی Moradi
    احمدی Ahmadi
    حسینی Hosseini
    رضایی Rezaei
    جعفری Jafari
    رحیمی Rahimi
    صادقی Sadeghi
    نوری Nouri
    شریفی Sharifi
    قاسمی Ghasemi
    هاشمی Hashemi
    بهرامی Bahrami
    تهرانی Tehrani
    شیرازی Shirazi
    یزدی Yazdi
    فرهادی Farhadi
    سهرابی Sohrabi
    میرزایی Mirzaei
    کاظمی Kazemi
    نجفی Najafi
    زمانی Zamani
    علی‌زاده Alizadeh
    مهدوی Mahdavi
    رستمی Rostami
    اکبری Akbari
    دهقان Dehghan
    پورحسن Pourhassan
    موسوی Mousavi
    خسروی Khosravi
    امینی Amini
    وحیدی Vahidi
""")

PERSIAN = NameList(
    "fa",
    _pairs("""
        لاله Laleh
        نرگس Narges
        شیرین Shirin
        الهام Elham
        پریسا Parisa
        مینا Mina
        نازنین Nazanin
        فاطمه Fatemeh
        زهرا Zahra
        آزاده Azadeh
        گلناز Golnaz
        رویا Roya
        سحر Sahar
        لیلا Leila
        مهسا Mahsa
        ندا Neda
        هما Homa
        یلدا Yalda
    """),
    _pairs("""
        رضا Reza
        علی Ali
        حسین Hossein
        مهدی Mehdi
        امیر Amir
        بهرام Bahram
        کاوه Kaveh
        سیاوش Siavash
        فرهاد Farhad
        داریوش Dariush
        نیما Nima
        آرش Arash
        بابک Babak
        پیمان Peyman
        سامان Saman
        کیوان Keyvan
        محسن Mohsen
        حمید Hamid
    """),
    _PERSIAN_FAMILIES,
    _PERSIAN_FAMILIES,
)

GREEK = NameList(
    "el",
    _pairs("""
        Ελένη Eleni
        Μαρία Maria
        Κατερίνα Katerina
        Σοφία Sofia
        Αγγελική Angeliki
        Δήμητρα Dimitra
        Βασιλική Vasiliki
        Ιωάννα Ioanna
        Χρυσάνθη Chrysanthi
        Ευαγγελία Evangelia
        Φωτεινή Foteini
        Αθηνά Athina
        Ζωή Zoi
        Ειρήνη Eirini
    """),
    _pairs("""
        Νίκος Nikos
        Γιώργος Giorgos
        Δημήτρης Dimitris
        Κώστας Kostas
        Γιάννης Giannis
        Σπύρος Spyros
        Θανάσης Thanasis
        Παναγιώτης Panagiotis
        Στέλιος Stelios
        Λευτέρης Lefteris
        Μιχάλης Michalis
        Αντώνης Antonis
        Πέτρος Petros
        Χρήστος Christos
    """),
    _pairs("""
        Παπαδοπούλου Papadopoulou
        Γεωργίου Georgiou
        Αντωνίου Antoniou
        Οικονόμου Oikonomou
        Νικολάου Nikolaou
        Κωνσταντίνου Konstantinou
        Βλάχου Vlachou
        Μακρή Makri
        Λάμπρου Lamprou
        Δημητριάδη Dimitriadi
        Καραγιάννη Karagianni
        Σταματοπούλου Stamatopoulou
        Αλεξίου Alexiou
        Ζαφειρίου Zafeiriou
        Ρήγα Riga
        Θεοδώρου Theodorou
    """),
    _pairs("""
        Παπαδόπουλος Papadopoulos
        Γεωργίου Georgiou
        Αντωνίου Antoniou
        Οικονόμου Oikonomou
        Νικολάου Nikolaou
        Κωνσταντίνου Konstantinou
        Βλάχος Vlachos
        Μακρής Makris
        Λάμπρου Lamprou
        Δημητριάδης Dimitriadis
        Καραγιάννης Karagiannis
        Σταματόπουλος Stamatopoulos
        Αλεξίου Alexiou
        Ζαφειρίου Zafeiriou
        Ρήγας Rigas
        Θεοδώρου Theodorou
    """),
)

_ENGLISH_FAMILIES = _same("""
    Whitfield Ellison Barnes Carver Doyle Fletcher Grantham Hollis Irving Jessop Kendall Lockwood
    Merrick Norwood O'Hara Prescott Quinn Redfern Sinclair Thornton Underhill Vance Wexley
    Yardley Ashdown Blackwell Cromer Dunmore
""")

ENGLISH = NameList(
    "en",
    _same("Margaret Emma Olivia Charlotte Harriet Alice Florence Imogen Beatrice Nora Ruth Joan"),
    _same("James Oliver Thomas Edward Henry Samuel Arthur Daniel Hugh Martin Owen Philip"),
    _ENGLISH_FAMILIES,
    _ENGLISH_FAMILIES,
)

NAME_LISTS = {naming.language: naming for naming in (PERSIAN, GREEK, ENGLISH)}


@dataclass(frozen=True, slots=True)
class Destination:
    country: str
    name: dict[str, str]
    visa_for_iranians: bool = True
    price_eur: int = 900
    """Approximate price of a week for one person."""


def _place(
    country: str, en: str, fa: str, el: str, price_eur: int, *, visa: bool = True
) -> Destination:
    return Destination(country, {"en": en, "fa": fa, "el": el}, visa, price_eur)


DESTINATIONS = (
    _place("TR", "Istanbul", "استانبول", "Κωνσταντινούπολη", 650, visa=False),
    _place("TR", "Antalya", "آنتالیا", "Αττάλεια", 720, visa=False),
    _place("AE", "Dubai", "دبی", "Ντουμπάι", 980),
    _place("GR", "Athens", "آتن", "Αθήνα", 840),
    _place("GR", "Santorini", "سانتورینی", "Σαντορίνη", 1250),
    _place("GR", "Crete", "کرت", "Κρήτη", 890),
    _place("IR", "Isfahan", "اصفهان", "Ισφαχάν", 540, visa=False),
    _place("IR", "Kish", "کیش", "Κις", 430, visa=False),
    _place("AM", "Yerevan", "ایروان", "Ερεβάν", 480, visa=False),
    _place("GE", "Tbilisi", "تفلیس", "Τιφλίδα", 520, visa=False),
    _place("IT", "Rome", "رم", "Ρώμη", 1040),
    _place("FR", "Paris", "پاریس", "Παρίσι", 1180),
    _place("TH", "Bangkok", "بانکوک", "Μπανγκόκ", 1390),
    _place("MY", "Kuala Lumpur", "کوالالامپور", "Κουάλα Λουμπούρ", 1350, visa=False),
    _place("CY", "Larnaca", "لارناکا", "Λάρνακα", 760),
    _place("GB", "London", "لندن", "Λονδίνο", 1320),
)
"""By name in English: ``place("Istanbul")``."""


def destination(english: str) -> Destination:
    return next(place for place in DESTINATIONS if place.name["en"] == english)
