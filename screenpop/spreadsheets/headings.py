"""Headings as people write them in English, Persian and Greek."""

from functools import lru_cache

from screenpop.customers.folding import fold
from screenpop.spreadsheets.fields import Field

SURE, LIKELY, MAYBE = 0.95, 0.8, 0.6

_WORDS = {
    Field.TITLE: "title|salutation|honorific|prefix|mr/ms|عنوان|لقب|پیشوند|τίτλος|προσφώνηση",
    Field.GIVEN: "first name|firstname|first|given name|given names|forename|name|نام|نام کوچک|اسم"
    "|όνομα|μικρό όνομα|κύριο όνομα",
    Field.FAMILY: "last name|lastname|last|surname|family name|family|نام خانوادگی|نام‌خانوادگی"
    "|نامخانوادگی|فامیل|فامیلی|شهرت|επώνυμο|επίθετο",
    Field.NAME: "full name|fullname|whole name|customer name|client name|contact name|passenger"
    "|passenger name|traveller|traveler|contact|customer|client|نام و نام خانوادگی|نام و فامیل"
    "|نام و نام‌خانوادگی|نام کامل|نام مشتری|نام مسافر|مشتری|مسافر|اسم و فامیل|ονοματεπώνυμο"
    "|όνομα επώνυμο|όνομα και επώνυμο|όνομα πελάτη|πελάτης|επιβάτης|ταξιδιώτης",
    Field.FAMILY_FIRST: "last name first name|surname name|surname first name|family and name"
    "|نام خانوادگی و نام|نام خانوادگی نام|فامیل و نام|επώνυμο όνομα|επώνυμο και όνομα"
    "|επίθετο όνομα|επωνυμο/ονομα",
    Field.ALSO_NAMED: "also written|also named|name in english|english name|latin name"
    "|name in latin"
    "|name in persian|name in greek|نگارش دیگر نام|نام لاتین|نام به لاتین|نام انگلیسی"
    "|نام به انگلیسی|γράφεται και|όνομα στα αγγλικά|όνομα στα λατινικά|όνομα με λατινικά",
    Field.MOBILE: "mobile|mobile no|mobile phone|mobile number|cell|cell phone|cellphone|cellular"
    "|whatsapp|gsm|موبایل|شماره موبایل|تلفن همراه|همراه|شماره همراه|واتساپ|واتس اپ|κινητό"
    "|κινητό τηλέφωνο|κιν|τηλ κινητό|αριθμός κινητού",
    Field.HOME_PHONE: "home phone|home|home number|landline|land line|second phone|تلفن منزل|منزل"
    "|تلفن خانه|تلفن ثابت|ثابت|σταθερό|σταθερό τηλέφωνο|τηλ σταθερό|τηλέφωνο οικίας|οικία",
    Field.WORK_PHONE: "work phone|office phone|office|business phone|work|تلفن محل کار|محل کار"
    "|تلفن دفتر|تلفن شرکت|τηλέφωνο εργασίας|τηλ εργασίας|εργασία|γραφείο",
    Field.PHONE: "phone|phone no|phone number|phones|telephone|telephone number|tel|contact number"
    "|number|other phone|second number|تلفن|شماره|شماره تلفن|شماره تماس|تماس|تلفن تماس|تلفن دوم"
    "|شماره دوم|تلفن دیگر|τηλέφωνο|τηλέφωνα|τηλ|αριθμός|αριθμός τηλεφώνου|τηλεφώνου|επικοινωνία"
    "|άλλο τηλέφωνο|αρ τηλεφώνου|δεύτερο τηλέφωνο",
    Field.EMAIL: "email|e mail|mail|email address|ایمیل|پست الکترونیک|پست الکترونیکی|رایانامه"
    "|ηλεκτρονικό ταχυδρομείο|ηλεκτρονική διεύθυνση|ηλ ταχυδρομείο|μέιλ",
    Field.GENDER: "gender|sex|جنسیت|جنس|φύλο",
    Field.LANGUAGE: "language|lang|preferred language|speaks|زبان|γλώσσα",
    Field.BIRTHDAY: "birthday|birthdate|birth date|date of birth|dob|born|birth|تولد|تاریخ تولد"
    "|روز تولد|متولد|γενέθλια|ημερομηνία γέννησης|ημ γέννησης|ημ/νία γέννησης|ημνια γεννησης"
    "|γέννηση|ημερ γέννησης",
    Field.ANNIVERSARY: "anniversary|wedding anniversary|wedding|سالگرد|سالگرد ازدواج"
    "|تاریخ ازدواج|επέτειος|επέτειος γάμου|γάμος",
    Field.TIER: "tier|level|loyalty|loyalty tier|class|club|membership|سطح|رده|سطح مشتری|باشگاه"
    "|βαθμίδα|επίπεδο|κατηγορία|κατηγορία πελάτη",
    Field.VIP: "vip|important|ویژه|مشتری ویژه|وی آی پی|σημαντικός",
    Field.CONSENT: "consent|marketing|marketing consent|newsletter|offers|may contact|opt in"
    "|رضایت|خبرنامه|تبلیغات|اجازه پیامک|پیامک تبلیغاتی|συγκατάθεση|ενημερωτικά|προσφορές"
    "|συναίνεση",
    Field.BALANCE: "balance|debt|due|amount due|owes|outstanding|owing|مانده|مانده حساب|بدهی|حساب"
    "|بدهکاری|υπόλοιπο|οφειλή|χρέος|υπόλοιπο λογαριασμού",
    Field.CURRENCY: "currency|cur|ارز|واحد پول|واحد|νόμισμα",
    Field.SINCE: "customer since|since|client since|member since|joined|registered|مشتری از"
    "|تاریخ عضویت|عضویت|تاریخ ثبت|سابقه|πελάτης από|ημερομηνία εγγραφής|εγγραφή",
    Field.COMPANY: "company|organisation|organization|firm|employer|شرکت|سازمان|موسسه|εταιρεία"
    "|εταιρία|επιχείρηση|οργανισμός|επωνυμία",
    Field.HOUSEHOLD: "household|family group|خانوار|خانواده|νοικοκυριό|οικογένεια",
    Field.TAGS: "tags|tag|labels|keywords|categories|برچسب|برچسب‌ها|کلیدواژه|ετικέτες|ετικέτα"
    "|λέξεις κλειδιά",
    Field.PREFERENCES: "preferences|preference|likes|wishes|seat|meal|ترجیحات|ترجیح|سلیقه"
    "|علاقه‌مندی|علایق|προτιμήσεις|προτίμηση",
    Field.NOTES: "notes|note|remarks|remark|comments|comment|memo|یادداشت|یادداشت‌ها|توضیحات|توضیح"
    "|ملاحظات|σημειώσεις|σημείωση|παρατηρήσεις|σχόλια|σχόλιο",
    Field.DESTINATION: "destination|trip|travel to|going to|مقصد|سفر به|شهر مقصد|سفر"
    "|προορισμός|ταξίδι|πόλη προορισμού",
    Field.COUNTRY: "country|destination country|کشور|کشور مقصد|χώρα|χώρα προορισμού",
    Field.PRODUCT: "product|service|services|kind of trip|type|خدمات|خدمت|نوع سفر|محصول|نوع خدمات"
    "|نوع|υπηρεσία|προϊόν|είδος ταξιδιού|είδος|τύπος",
    Field.DEPARTS: "departs|departure|departure date|travel date|start|start date|date of travel"
    "|check in|outbound|from date|رفت|تاریخ رفت|تاریخ سفر|تاریخ حرکت|حرکت|شروع|تاریخ پرواز"
    "|αναχώρηση|ημερομηνία αναχώρησης|ημ αναχώρησης|ημ/νία αναχώρησης|ημερομηνία ταξιδιού"
    "|έναρξη|άφιξη από",
    Field.RETURNS: "returns|return|return date|end|end date|check out|inbound|to date|برگشت"
    "|تاریخ برگشت|بازگشت|تاریخ بازگشت|پایان|επιστροφή|ημερομηνία επιστροφής|ημ επιστροφής"
    "|ημ/νία επιστροφής|λήξη",
    Field.STATUS: "status|state|trip status|booking status|وضعیت|وضعیت سفر|حالت|κατάσταση"
    "|κατάσταση κράτησης|στάτους",
    Field.VISA: "visa|visa status|visa state|ویزا|وضعیت ویزا|روادید|βίζα|κατάσταση βίζας",
    Field.PRICE: "price|total price|cost|amount|total|fare|value|قیمت|مبلغ|مبلغ کل|هزینه|بها"
    "|قیمت کل|τιμή|κόστος|ποσό|σύνολο|αξία|συνολικό ποσό",
    Field.PAID: "paid|payment|amount paid|deposit|received|پرداخت|پرداخت شده|پرداختی|دریافتی"
    "|بیعانه|πληρωμένο|πληρωμή|πληρώθηκε|εξοφλημένο|προκαταβολή|καταβλήθηκε",
    Field.ADULTS: "adults|travellers|travelers|persons|people|pax|number of people|بزرگسال"
    "|تعداد|تعداد نفرات|نفرات|تعداد مسافر|ενήλικες|άτομα|αριθμός ατόμων|επιβάτες",
    Field.CHILDREN: "children|kids|child|کودک|کودکان|تعداد کودک|بچه|παιδιά|παιδί",
    Field.TRIP_NOTE: "trip note|trip notes|booking note|hotel|itinerary|supplier|airline"
    "|توضیحات سفر|هتل|تامین کننده|کارگزار|ایرلاین|σημειώσεις ταξιδιού|ξενοδοχείο|προμηθευτής",
    Field.IGNORED: "no|nr|row|id|code|#|ردیف|کد|شناسه|شماره ردیف|کد مشتری|α/α|αα|κωδικός"
    "|κωδικός πελάτη|α α",
}
_AROUND = (
    "customer|customers|client|clients|contact|traveller|passenger|of|the|your|main|primary|first|date"
    "|مشتری|مسافر|اصلی|شماره|تاریخ|πελάτη|πελατών|επιβάτη|κύριο|ημερομηνία|ημ|ημνία|ημ/νια"
)


def plain(heading: str) -> str:
    """Without case, accents, the marks between words, and what stands in brackets."""
    text = heading.partition("(")[0] or heading
    for mark in "_-.:,;*?؟!'\"/\\|\n\r\t":
        text = text.replace(mark, " ")
    return fold(text)


_EXACT = {plain(word): field for field, words in _WORDS.items() for word in words.split("|")}
_EXACT["#"] = Field.IGNORED
_NOISE = {plain(word) for word in _AROUND.split("|")}
_BY_LENGTH = sorted(_EXACT, key=len, reverse=True)
_SHORTEST_PART = 4


@lru_cache(maxsize=4096)
def read_heading(heading: str) -> tuple[Field, float] | None:
    """What a heading says, and how sure that is; None when it says nothing that is known."""
    text = plain(heading[:200])
    if not text:
        return None
    if field := _EXACT.get(text):
        return field, SURE
    unnumbered = text.rstrip("0123456789 ")
    if field := _EXACT.get(unnumbered):
        return field, SURE
    bare = " ".join(word for word in unnumbered.split() if word not in _NOISE)
    if field := _EXACT.get(bare):
        return field, LIKELY
    return _by_parts(f" {unnumbered} ")


def _by_parts(text: str) -> tuple[Field, float] | None:
    for known in _BY_LENGTH:
        if len(known) < _SHORTEST_PART:
            return None
        if f" {known} " in text:
            return _EXACT[known], MAYBE
    return None


def understood(heading: str) -> bool:
    found = read_heading(heading)
    return found is not None and found[1] >= LIKELY
