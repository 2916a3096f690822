"""Words for enum values, in English, Persian and Greek."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from screenpop.common.search_normalization import fold
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    Gender,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that cannot be parsed; ``code`` is a key of ``errors.REMEDIES``."""

    code: str


class EnumWords(Generic[Meaning]):
    """The value of each word. ``understand`` returns a ``CellError`` for any other."""

    def __init__(self, wrong: str, meanings: dict[Meaning, str]) -> None:
        self._wrong = CellError(wrong)
        self._meanings = {
            _plain(word): meaning
            for meaning, words in meanings.items()
            for word in words.split("|")
        }

    def understand(self, text: str) -> Meaning | CellError:
        found = self._meanings.get(text)
        return self._meanings.get(_plain(text), self._wrong) if found is None else found

    def knows(self, text: str) -> bool:
        return _plain(text) in self._meanings


def _plain(text: str) -> str:
    for mark in "./,·_-":
        text = text.replace(mark, " ")
    return fold(text)


TIERS = EnumWords(
    "unknown_tier",
    {
        Tier.NONE: "none|no|normal|regular|standard|basic|-|0|عادی|معمولی|ندارد|برنزی|κανένα"
        "|απλό|κανονικό|απλός",
        Tier.SILVER: "silver|نقره ای|نقره‌ای|نقره|سیلور|ασημένιο|ασημένια|ασημί|αργυρό|αργυρός",
        Tier.GOLD: "gold|golden|طلایی|طلائی|طلا|گلد|χρυσό|χρυσή|χρυσός",
        Tier.PLATINUM: "platinum|پلاتین|پلاتینیوم|پلاتینوم|پلاتینی|πλατινένιο|πλατίνα|πλατινένια"
        "|πλατινένιος",
    },
)
GENDERS = EnumWords(
    "unknown_gender",
    {
        Gender.UNSAID: "unsaid|not said|unspecified|not specified|μη καθορισμένο|other|unknown|-|u"
        "|o|n|نامشخص|نامعلوم|άλλο|δεν αναφέρθηκε",
        Gender.WOMAN: "woman|female|f|w|lady|زن|خانم|مونث|مؤنث|γυναίκα|θήλυ|γ|θ",
        Gender.MAN: "man|male|m|gentleman|مرد|آقا|مذکر|άνδρας|άντρας|άρρεν|α",
    },
)
PRODUCTS = EnumWords(
    "unknown_product",
    {
        Product.TOUR: "tour|package|package tour|group tour|holiday|تور|تور گروهی|تور مسافرتی"
        "|پکیج|εκδρομή|πακέτο|περιήγηση|οργανωμένη εκδρομή|τουρ|εκδρομές",
        Product.FLIGHT: "flight|ticket|air ticket|airline ticket|air|flights|بلیط|بلیت"
        "|بلیط هواپیما|بلیت هواپیما|پرواز|هواپیما|εισιτήριο|αεροπορικό"
        "|αεροπορικό εισιτήριο|πτήση|αεροπορικά|εισιτήρια",
        Product.HOTEL: "hotel|hotels|accommodation|room|stay|هتل|اقامت|رزرو هتل|ξενοδοχείο"
        "|διαμονή|ξενοδοχεία",
        Product.VISA: "visa|visas|ویزا|روادید|βίζα|visa service",
        Product.FLIGHT_HOTEL: "flight hotel|flight + hotel|flight and hotel|hotel flight"
        "|hotel and flight|flight & hotel|بلیط و هتل|پرواز و هتل|پرواز هتل"
        "|بلیط هتل|هتل و پرواز|هتل و بلیط|پرواز + هتل|πτήση και ξενοδοχείο"
        "|πτήση + ξενοδοχείο|αεροπορικά και ξενοδοχείο|πτήση ξενοδοχείο",
        Product.OTHER: "other|misc|insurance|transfer|cruise|سایر|بیمه|ترانسفر|متفرقه|άλλο|λοιπά"
        "|ασφάλεια|κρουαζιέρα",
    },
)
STATUSES = EnumWords(
    "unknown_status",
    {
        TripStatus.QUOTED: "quoted|quote|quote sent|offer sent|offered|proposal|پیش فاکتور"
        "|gheymat dade shode|pish factor|قیمت داده شده|پیشنهاد داده شده|اعلام قیمت|πρόταση"
        "|στάλθηκε προσφορά|με προσφορά",
        TripStatus.ASKED: "asked|inquiry|enquiry|request|requested|open|pending"
        "|interested|option|estelam|dar hale barresi|darkhast|استعلام|درخواست|پیگیری|در حال بررسی"
        "|پرسیده|علاقه مند"
        "|ερώτηση|προσφορά|ζητήθηκε|αίτημα|σε εξέλιξη|ενδιαφέρον|ρώτησε",
        TripStatus.BOOKED: "booked|reserved|confirmed|ok|booking|hold|رزرو|رزرو شده|رزرو شد|تایید"
        "|رزروشده"
        "|تایید شده|تأیید شده|قطعی|rezerv|rezerv shode|rezerv shod|ghatei|taeed shode|κράτηση"
        "|κρατημένο|επιβεβαιωμένο|κρατήθηκε"
        "|επιβεβαιώθηκε",
        TripStatus.TICKETED: "ticketed|issued|ticket issued|صادر شده|صادر شد|بلیط صادر شده|صدور"
        "|بلیت صادر شده|sader shode|bilit sader shode|belit sader shode|εκδόθηκε|εκδοθέν"
        "|εισιτήριο εκδόθηκε",
        TripStatus.TRAVELLING: "travelling|traveling|on trip|under way|departed|در سفر|در حال سفر"
        "|ταξιδεύει|σε ταξίδι",
        TripStatus.TRAVELLED: "travelled|traveled|done|completed|complete|returned|past|finished"
        "|safar karde|safar kardeh|safar rafte|anjam shode|bargashte|tamam shode|سفر کرده"
        "|انجام شده|انجام شد|برگشته|تمام شده|پایان یافته|رفته"
        "|ολοκληρώθηκε|ταξίδεψε|ολοκληρωμένο|έγινε|επέστρεψε",
        TripStatus.CANCELLED: "cancelled|canceled|cancellation|refunded|void|لغو|لغو شده|لغو شد"
        "|لغوشده|laghv|laghv shode|laghv shod|cancel|cancel shode|kansel"
        "|کنسل|کنسلی|کنسل شده|ακυρώθηκε|ακυρωμένο|ακύρωση|ακυρωθέν",
    },
)
VISAS = EnumWords(
    "unknown_visa",
    {
        VisaState.NOT_NEEDED: "not needed|no|none|free|-|لازم نیست|نیاز ندارد|ندارد|خیر|بدون ویزا"
        "|δεν απαιτείται|όχι|δεν χρειάζεται",
        VisaState.PENDING: "visa pending|ویزا در جریان|βίζα σε αναμονή"
        "|pending|applied|waiting|in progress|yes|needed|در انتظار|در حال اقدام"
        "|اقدام شده|منتظر|لازم|εκκρεμεί|σε αναμονή|αναμονή|ναι|απαιτείται",
        VisaState.ISSUED: "visa issued|ویزا صادر شد|βίζα εκδόθηκε"
        "|issued|granted|approved|ok|صادر شده|صادر شد|گرفته|εκδόθηκε|εγκρίθηκε",
        VisaState.REFUSED: "visa refused|ویزا رد شد|βίζα απορρίφθηκε"
        "|refused|rejected|denied|رد شده|رد شد|ریجکت|απορρίφθηκε",
    },
)
CASE_KINDS = EnumWords(
    "unknown_case_kind",
    {
        CaseKind.QUESTION: "question|questions|inquiry|enquiry|request|پرسش|سوال|سؤال|درخواست"
        "|ερώτηση|αίτημα|απορία",
        CaseKind.COMPLAINT: "complaint|complaints|problem|claim|شکایت|نارضایتی|اعتراض|مشکل"
        "|παράπονο|παράπονα|πρόβλημα|καταγγελία",
        CaseKind.REFUND: "refund|refunds|money back|بازپرداخت|استرداد|عودت وجه|استرداد وجه"
        "|επιστροφή χρημάτων|επιστροφή|αποζημίωση",
    },
)
CASE_STATES = EnumWords(
    "unknown_case_state",
    {
        CaseState.OPEN: "open|new|in progress|باز|جدید|در حال بررسی|ανοιχτή|ανοιχτό|ανοικτή|νέα"
        "|σε εξέλιξη",
        CaseState.WAITING: "waiting|pending|on hold|در انتظار|منتظر|معلق|σε αναμονή|αναμονή"
        "|εκκρεμεί",
        CaseState.CLOSED: "closed|done|solved|resolved|finished|بسته|بسته شده|حل شده|انجام شده"
        "|κλειστή|κλειστό|έκλεισε|λύθηκε|ολοκληρώθηκε",
    },
)
ALLOWED = EnumWords(
    "unknown_consent",
    {
        "email": "email|e mail|mail|emails|newsletter|ایمیل|پست الکترونیک|ηλεκτρονικό ταχυδρομείο",
        "sms": "sms|text|texts|text message|text messages|پیامک|اس ام اس|μηνύματα|γραπτά μηνύματα",
        "phone": "calls|phone calls|telephone|phone|تماس تلفنی|تلفن|κλήσεις|τηλεφωνικές κλήσεις",
        "recording": "recording|recordings|recording of calls|call recording|ضبط|ضبط مکالمه"
        "|ηχογράφηση|ηχογράφηση κλήσεων",
        "data": "data|keeping of data|data keeping|gdpr|نگهداری داده|نگهداری اطلاعات|داده"
        "|τήρηση δεδομένων|δεδομένα",
    },
)
CONSENT_ANSWERS: EnumWords[str] = EnumWords(
    "unknown_consent_answer",
    {
        "yes": "opted in|opt in|subscribed|granted|given|accepted|agreed|allowed|consented"
        "|confirmed|active|موافق|رضایت دارد|پذیرفته|مجاز|συμφωνεί|αποδέχεται|δέχεται|εγγεγραμμένος"
        "|εγγεγραμμένη|δόθηκε|بفرستید|ارسال شود|تمایل دارد|مایل است",
        "no": "opted out|opt out|unsubscribed|declined|refused|rejected|withdrawn|revoked|denied"
        "|not allowed|cleaned|do not contact|do not call|do not email|stop|مخالف|رضایت ندارد|لغو"
        "|لغو شده|انصراف|غیرمجاز|نمی‌خواهد|αρνείται|αρνήθηκε|απορρίπτει|διαγράφηκε|διαγραμμένος"
        "|διαγραμμένη|ανακλήθηκε|δεν δέχεται|δεν επιθυμεί|نفرستید|ارسال نشود|تماس نگیرید"
        "|تمایل ندارد|مایل نیست",
        "never_asked": "never asked|never subscribed|not asked|not asked yet|unknown|n/a|not set"
        "|pending"
        "|هنوز پرسیده نشده|پرسیده نشده|نامعلوم|نامشخص|δεν έχει ρωτηθεί|δεν ρωτήθηκε|άγνωστο",
    },
)
LANGUAGES: EnumWords[str] = EnumWords(
    "unknown_language",
    {
        "en": "en|eng|english|en us|en gb|انگلیسی|αγγλικά|αγγλική|αγγλικα",
        "fa": "fa|fas|per|persian|farsi|fa ir|فارسی|περσικά|φαρσί",
        "el": "el|ell|gr|gre|greek|el gr|ελληνικά|ελληνική|یونانی",
    },
)
YES_NO: EnumWords[bool] = EnumWords(
    "unknown_yes_no",
    {
        True: "yes|y|true|1|x|✓|✔|v|ok|vip|بله|بلی|آری|دارد|هست|ναι|ν|αληθές|نعم|+"
        "|t|on|checked|☑|☒|*|1.0|χ|bale|baleh|bali|are|areh|آره|صحیح|درست|فعال|σωστό",
        False: "no|n|false|0|-|✗|✘|خیر|نه|ندارد|نیست|όχι|ο|ψευδές|opt out"
        "|non-marketing contact|unsubscribed|opted out|not subscribed|f|off|unchecked|☐|0.0|nah"
        "|kheir|kheyr|نخیر|نادرست|غلط|غیرفعال|λάθος",
    },
)

_TITLES: EnumWords[tuple[Title, Gender]] = EnumWords(
    "unknown_title",
    {
        (Title.MR, Gender.MAN): "mr|mister|sir|herr|آقا|آقای|جناب|جناب آقای|جناب آقا|κ|κος|κύριος"
        "|κύριο|κυριος",
        (Title.MS, Gender.WOMAN): "ms|mrs|miss|madam|lady|frau|mme|خانم|بانو|سرکار|سرکار خانم|κα"
        "|κυρία|δις|δεσποινίς|δνις|κας",
        (Title.DR, Gender.UNSAID): "dr|doctor|md|دکتر|δρ|γιατρός|ιατρός|دکترای",
        (Title.ENG, Gender.UNSAID): "eng|engineer|ing|ir|مهندس|μηχ|μηχανικός|مهندسی",
        (Title.PROF, Gender.UNSAID): "prof|professor|استاد|پروفسور|καθ|καθηγητής",
        (Title.PROF, Gender.WOMAN): "καθηγήτρια",
    },
)
_RANK = (Title.PROF, Title.DR, Title.ENG, Title.MS, Title.MR)


def parse_title(text: str) -> tuple[Title, Gender] | CellError:
    """Return title and gender: ``Mrs Dr.`` is a doctor and a woman; empty for no title."""
    if not text.strip():
        return Title.NONE, Gender.UNSAID
    whole = _TITLES.understand(text)
    if not isinstance(whole, CellError):
        return whole
    meant = [_TITLES.understand(word) for word in _plain(text).split()]
    good = [meaning for meaning in meant if not isinstance(meaning, CellError)]
    return _together(good) if good and len(good) == len(meant) else whole


def split_titles(text: str) -> tuple[tuple[Title, Gender] | None, str]:
    """Split the titles before a name from the name; a name of titles only stays a name.

    ``Dr. Laleh Karimi``, ``κ. Νίκος``, ``آقای مهندس کریمی``.
    """
    first, _, rest = text.partition(" ")
    if not rest or (title := _title_of(first)) is None:
        return None, text
    found = [title]
    while rest:
        first, _, after = rest.partition(" ")
        following = _title_of(first) if after else None
        if following is None:
            break
        found.append(following)
        rest = after.lstrip()
    return _together(found), rest


@lru_cache(maxsize=8192)
def _title_of(word: str) -> tuple[Title, Gender] | None:
    found = _TITLES.understand(word.rstrip(".،,:"))
    if isinstance(found, CellError):
        return None
    # A single letter is a title only with its full stop: κ. Νίκος, not K Jones.
    return found if len(word) > 1 else None


def _together(titles: list[tuple[Title, Gender]]) -> tuple[Title, Gender]:
    given = {title for title, _ in titles}
    genders = {gender for _, gender in titles} - {Gender.UNSAID}
    title = next((title for title in _RANK if title in given), Title.NONE)
    return title, genders.pop() if len(genders) == 1 else Gender.UNSAID
