"""Headings of travel documents: passports, visas, national codes, memberships."""

from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.heading_words import words_pattern

_PASSPORT = words_pattern(
    "passport*|pasport*|pp no|ppt no|pp number|pp exp|ppt exp|pp expiry",
    "گذرنامه|پاسپورت|pasaport|gozarname|διαβατηρι*",
)
_VISA = words_pattern("visa|visas|ویزا|روادید|βιζα|βιζας|θεωρηση|θεωρησης")
_EXPIRES = words_pattern(
    "expir*|exp|valid until|valid to|valid till|validity|انقضا|انقضای|اعتبار|engheza|etebar"
    "|ληξη|ληξης|ισχυει εως|ισχυς|λιξη|λιξης"
)
_FROM = words_pattern("valid from|from|از|شروع|ισχυει απο|απο|εναρξη|εναρξης")
_ISSUED = words_pattern("issue*|issued|office|authority|مرجع|αρχη|صدور|sodor|εκδοση*|εκδοθηκε")
_COUNTRY = words_pattern(
    "country|nationality|issuing country|for country|کشور|تابعیت|keshvar|χωρα|χωρας|υπηκοοτητα"
)
_NAME = words_pattern("name|given name|family name|نام|ονομα")
_NUMBER_WORDS = words_pattern("no|nr|num|number|شماره|ش|shomare|αρ|αριθμος")
_NATIONAL_CODE = words_pattern(
    "national code|national id|national no|national number|کد ملی|کدملی|شماره ملی|شماره کارت ملی"
    "|code melli|kode melli|kod melli|codemelli|shomare melli|code meli|kode meli|kod meli"
    "|εθνικος κωδικος"
)
_TAX_NUMBER = words_pattern("αφμ|α φ μ|afm|a f m|شماره مالیاتی یونان")
_GREEK_TAX = words_pattern("tax number greece|tax no greece|greek tax number|greek tax no")
_ID_CARD = words_pattern(
    "id card|identity card|αδτ|α δ τ|ταυτοτητα|αρ ταυτοτητας|αριθμος ταυτοτητας|ταυτοτητας"
    "|کارت شناسایی"
)
_FREQUENT_FLYER = words_pattern(
    "frequent flyer*|ffn|ff no|ff number|mileage no|miles no|باشگاه مسافران|τακτικος επιβατης"
    "|τακτικου επιβατη|καρτα μιλιων"
)
_CLUB = words_pattern(
    "club membership|club no|club number|loyalty no|loyalty number|عضویت باشگاه|شماره باشگاه"
    "|μελος προγραμματος"
)
_SIMPLE = (
    (_NATIONAL_CODE, Field.NATIONAL_CODE),
    (_TAX_NUMBER, Field.TAX_NUMBER),
    (_GREEK_TAX, Field.TAX_NUMBER),
    (_FREQUENT_FLYER, Field.FREQUENT_FLYER),
    (_CLUB, Field.CLUB),
)
_STATE = words_pattern("status|state|type|kind|fee|cost|price|نوع|وضعیت|هزینه|ειδος|κατασταση")


def document_field(heading: str) -> Field | None:
    """Return the field of a document's column by its normalized heading; None for another one.

    A heading of another person's document, of a day of issue or of a visa's state is another one.
    """
    if _ISSUED.search(heading) and not _COUNTRY.search(heading):
        return None
    if _PASSPORT.search(heading):
        return _passport_field(heading)
    if _VISA.search(heading):
        return _visa_field(heading)
    for pattern, field in _SIMPLE:
        if pattern.search(heading):
            return field
    is_plain = not (_EXPIRES.search(heading) or _STATE.search(heading))
    return Field.ID_CARD if _ID_CARD.search(heading) and is_plain else None


def _passport_field(heading: str) -> Field | None:
    if _EXPIRES.search(heading):
        return Field.PASSPORT_EXPIRES
    if _COUNTRY.search(heading):
        return Field.PASSPORT_COUNTRY
    if _NAME.search(heading):
        return Field.PASSPORT_NAME
    return None if _STATE.search(heading) else Field.PASSPORT


def _visa_field(heading: str) -> Field | None:
    if _FROM.search(heading):
        return Field.VISA_FROM
    if _EXPIRES.search(heading):
        return Field.VISA_EXPIRES
    if _COUNTRY.search(heading):
        return Field.VISA_COUNTRY
    # "Visa" alone is the state of a trip's visa.
    return Field.VISA_NUMBER if _NUMBER_WORDS.search(heading) else None
