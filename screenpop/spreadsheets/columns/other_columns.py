"""Headings of columns that hold something else than a field of a customer or trip.

Without this list their content would decide, and the content misleads: a national code looks like a
phone number, the day on which a record was made like a trip, the phone of a referrer like the
customer's own.
"""

import re

from screenpop.common.search_normalization import fold
from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.document_headings import document_field
from screenpop.spreadsheets.columns.heading_words import words_pattern

_DOCUMENT = words_pattern(
    "passport*|pasport*|identity card|id card|id no|id number|national id|national code"
    "|national no",
    "national number|nationality|ssn|social security|tax id|tax no|tax number|vat|vat no"
    "|vat number",
    "vat id|iban|swift|card no|card number|account no|account number|bank account|visa no",
    "visa number|visa expiry|visa expires|visa valid*|frequent flyer*|ffn|driving licence",
    "license no|licence no|policy no|policy number|insurance no|insurance number",
    "گذرنامه|پاسپورت|کد ملی|کدملی|شماره ملی|شناسه ملی|شماره شناسنامه|شناسنامه|کد اقتصادی|تابعیت",
    "شماره کارت|شماره حساب|شبا|شماره شبا|شماره ویزا|بیمه نامه|شماره بیمه",
    "code melli|kode melli|kod melli|codemelli|shomare melli|shenasname",
    "διαβατηρι*|ταυτοτητα*|αδτ|α δ τ|αφμ|α φ μ|αμκα|α μ κ α|υπηκοοτητα|αριθμος λογαριασμου",
)
_PAPER = words_pattern(
    "ticket*|tkt|tkts|pnr|booking*|reservation*|contract*|cheque*|check no|check number|invoice*",
    "receipt*|voucher*|order*|file no|file number|reference*|ref|ref no",
    "بلیط|بلیت|رزرو|رزرواسیون|قرارداد|چک|فاکتور|رسید|واچر|پرونده|پیگیری",
    "bilit|gharardad|factor|εισιτηρι*|κρατηση*|συμβολαι*|συμβαση*|επιταγη*|τιμολογι*|αποδειξη*"
    "|φακελος",
)
_NUMBER_OF = words_pattern(
    "no|nr|num|number|numbers|code|id|ref|reference|locator|شماره|کد|ش|shomare|code|kod",
    "αρ|αριθμος|κωδικος|κωδ",
)
_OTHER_PERSON = words_pattern(
    "emergency*|next of kin|kin|refer*|introduced by|introducer|guarantor|spouse*|wife*|husband*",
    "partner|father*|mother*|parent|parents|son|daughter|assistant*|asst|secretary*|manager s"
    "|relation*|guardian",
    "اضطراری|ضروری|معرف|معرفی|ضامن|همسر|پدر|مادر|فرزند|نسبت",
    "moaref|hamsar|pedar|εκτακτης|αναγκης|συστη*|συζυγος|συζυγου|πατρωνυμο|πατερα*|μητρωνυμο"
    "|μητερα*",
    "εγγυητης|συγγενης|βοηθο*|γραμματεα*",
)
_ADDRESS = words_pattern(
    "address*|addr|street*|postcode|post code|postal*|zip*|po box|region|province|county|house no",
    "آدرس|نشانی|خیابان|کد پستی|کدپستی|استان|adres|address|διευθυνση*|οδος|τκ|τ κ|ταχ κωδ*|νομος",
)
_NO_ADDRESS = words_pattern("email*|e mail*|mail|web|ip|ایمیل|email|ηλεκτρονικ*")
_RECORD = words_pattern(
    "create|create date|date create|تغییر|آخرین تغییر|تاریخ تغییر",
    "created*|creation|modified*|modification|updated*|update|last activity|last contact*"
    "|last login",
    "last seen|last modified|last updated|added*|imported*|issued*|issue date|date of issue|issue",
    "expir*|expiry|expires|valid*|timestamp|record*|entered*|entry date|booking date|booked on",
    "reservation date|order date|date booked|purchase date|purchased*|payment date|paid on",
    "ایجاد|ویرایش|بروزرسانی|به روز رسانی|آخرین تماس|آخرین فعالیت|صدور|انقضا|انقضای|اعتبار",
    "تاریخ رزرو|تاریخ خرید|تاریخ پرداخت|تاریخ صدور|ثبت کننده",
    "δημιουργ*|τροποποι*|ενημερωθηκε|εκδοση*|εκδοθηκε|ληξης|λιξης|ισχυς|ισχυει|καταχωρηση*",
    "ημ κρατησης|ημερομηνια κρατησης|ημ πληρωμης|τελευταια επαφη",
)
_WORK = words_pattern(
    "middle name|additional name|name suffix|suffix",
    "organization title|عنوان شغلی|عنوان شغل|fax*|pager|telex|فکس|نمابر|دورنگار|φαξ",
    "job*|job title|position|occupation|profession|department|dept|role|سمت|شغل|حرفه|دپارتمان"
    "|semat",
    "shoghl|επαγγελμα*|ιδιοτητα|τμημα|ρολος|θεση εργασιας|θεση στην εταιρεια|τιτλος εργασιας"
    "|βομβητης",
)
_PROGRAM = words_pattern(
    "label|labels type|type of phone|is company|is customer|rank|customer rank|supplier rank|uuid"
    "|guid",
    "external id|record id|contact id|account id|lead id|owner id|id",
    "member number|membership number|phonetic*|initials|photo|image",
    "avatar|active|website|web|url|facebook|instagram|linkedin|twitter|skype|telegram id",
    "شماره پرونده|عکس|تصویر|αριθμος μελους",
)
_ACCOUNT = words_pattern(
    "debit|debits|credit|credits|turnover|بدهکار|بستانکار|گردش|bedehkar|bestankar",
    "χρεωση|πιστωση|τζιρος",
)
_GOOGLE_LABEL = re.compile(
    r"^(?:invalid|bounced) e ?mail|^e ?mail (?:\d+ )?(?:type|display name|label)$"
    r"|(?:^|\s)(?:e mail|email|phone|address|website|relation|event)s? \d+ (?:label|type)$"
)
_FURTHER_TRIP = re.compile(
    r"^(?:trip|travel|tour|journey|destination|departure|return|سفر|مقصد|تور|تاریخ سفر|تاریخ رفت"
    r"|ταξιδι|προορισμοσ|εκδρομη|αναχωρηση)(?: date)? (?:[2-9]|[1-9][0-9])(?: [^0-9]*)?$"
)
"""Columns of further trips beside those of the first one: ``Trip 2``, ``Trip 2 date``."""
_LAST = words_pattern(
    "last trip|last travel|last visit|last order|last booking|last tour|last destination"
)
_LAST_TRIP = words_pattern(
    "آخرین سفر|آخرین مقصد|τελευταιο ταξιδι|τελευταιος προορισμος|akharin safar"
)

_EXPORTED = frozenset(map(fold, ("sent by", "معرف", "Συστήθηκε από")))
"""Columns of our own export that the import does not read."""
_TEXTS = (_OTHER_PERSON, _WORK, _LAST, _LAST_TRIP)
_ORGANIZATION_TITLE = re.compile(r"^organi[sz]ation \d+ title$")


def other_column(heading: str) -> Field | None:
    """Return what to do with a column of another kind, by its normalized heading.

    A field of a travel document; ``IGNORED``: other documents, dates of records, numbers of other
    programs; ``NOTES``: what a user would want to read on the card, with its heading. None: the
    heading is not one of these.
    """
    if not _OTHER_PERSON.search(heading) and (found := document_field(heading)) is not None:
        return found
    is_document = any(pattern.search(heading) for pattern in (_GOOGLE_LABEL, _DOCUMENT))
    is_document = is_document or bool(_ACCOUNT.search(heading))
    if heading in _EXPORTED or is_document or _is_paper(heading):
        return Field.IGNORED
    if any(pattern.search(heading) for pattern in (*_TEXTS, _ORGANIZATION_TITLE)):
        return Field.NOTES
    if _ADDRESS.search(heading) and not _NO_ADDRESS.search(heading):
        return Field.NOTES
    if _RECORD.search(heading) or _PROGRAM.search(heading):
        return Field.IGNORED
    return None


def is_further_trip(heading: str) -> bool:
    """Return whether a normalized heading is of a second or later trip in the same row."""
    return _FURTHER_TRIP.search(heading) is not None


def _is_paper(heading: str) -> bool:
    """Return whether a heading names the number of a ticket, contract, cheque or the like."""
    is_named = _PAPER.search(heading) is not None
    return is_named and bool(_NUMBER_OF.search(heading) or _PAPER.fullmatch(heading))
