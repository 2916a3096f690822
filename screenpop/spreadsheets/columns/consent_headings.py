"""Headings about consents that no list of headings can hold: channel and direction by their words.

An opt-out read as a consent would turn a no into a yes, so opt-outs come first: "Email Opt Out",
"Unsubscribed from all email", "HasOptedOutOfEmail", "DoNotCall", "عدم ارسال پیامک".
"""

import re

from screenpop.common.search_normalization import fold
from screenpop.customers.import_columns import Field

_OPT_OUT = re.compile(
    "|".join(
        fold(words)
        for words in (
            "opt(?:ed|ing)?out|unsubscri|donot(?!e)|dont(?:call|contact|mail|email|phone|send|sms|text)",
            "no(?:marketing|newsletter|emails?$|sms$|texts?$|calls?$|mailings?|offers$)",
            "(?:marketing|email|sms|call|contact)suppress|suppressionlist|withdr[ae]wn|withdrewconsent",
            "نفرستید|نمیخواهد|زنگنزنید|لغواشتراک|لغوعضویت|لغوپیامک|لغورضایت|لغوخبرنامه|عدمارسال|عدمتماس|عدمرضایت|عدمدریافت",
            "ارسالنشود|تماسنگیرید|تماسگرفتهنشود|پیامکنفرستید|ایمیلنفرستید|انصرافاز|نمیخواهدپیامک",
            "απεγγραφ|διαγραφηαπο|νημερωτικαοχι|ναμην|^ναμη|μηλαμβαν|μηστελ|δενθελ|δενεπιθυμ|"
            "μηναποστελ|μηνκαλε|μηεπικοινων|μηαποστολ",
            "(?:refus|declin|exclu|object|reject|stop)[a-z]*?(?:from|to)?"
            "(?:sms|email|mail|call|phone|contact|marketing|news|text|offers)",
            "blacklist|blocklist|suppressed|nottobe(?:called|contacted|emailed|mailed|texted)"
            "|never(?:call|contact|email|mail|text)|nophonecalls",
            "عدمتمایل|مایل.*نیست|تمایل.*ندار|لیستسیاه|بلکلیست|ممنوعیت?(?:تماس|ارسال|پیام|ایمیل)",
            "(?:تماس|پیام|ایمیل|زنگ|تبلیغ).*(?:نشود|نزن|نده|نکن|نفرست|نگیر|نمی|نیست|ندار)",
            "(?:sms|email|payam|tamas|zang|tablighat).*(?:nafrest|nashavad|nazan|nagir|nadah|nemi)",
            "adame?(?:ersal|tamas|tamayol|daryaft)|laghve?(?:sms|eshterak|ozviat|payam)",
            "οχι(?:sms|e?mail|τηλεφων|κλησ|ενημερ|newsletter|προσφορ|διαφημ|προωθ)|μαυρηλιστα",
            "^μην?(?:στελ|στειλ|τηλεφων|καλ|ενοχλ|επικοινων)|αρνειται|αρνηση|εναντιωσ",
            "(?:διακοπη|αποκλεισμος)(?:απο)?(?:sms|e?mail|newsletter|ενημερ|κλησ)",
            "χωριςενημερ|χωριςπροσφορ|χωριςsms|χωριςemail|ανακλησησυγκαταθ|αρνησησυγκαταθ|εξαιρεσηαπο",
        )
    )
)
_CONSENT = re.compile(
    "|".join(
        map(
            fold,
            (
                "consent|opt(?:ed)?in|permission|allowed|subscribed|رضایت|اجازه",
                "συγκαταθεσ|συναινεσ|συγκατατιθ|αποδοχη",
                "(?:receives?|wants?)(?:sms|e?mails?|texts?|newsletter|calls)|subscri(?:ber|ption)status",
                "دریافت(?:پیام|ایمیل|خبر|تماس)|λήψη(?:sms|e?mail|newsletter|ενημερωτ|μηνυμ)",
                "(?:θελει|επιθυμει)(?:sms|e?mail|newsletter|ενημερ|μηνυμ)|(?:e?mail|sms)marketingstatus",
            ),
        )
    )
)
_CHANNELS = {
    "recording": "record|ضبط|ηχογραφ",
    "sms": "sms|textmessage|texts?$|پیامک|پیامکی|اسامس|γραπταμηνυμ|μηνυματ",
    "email": "email|mail|newsletter|ایمیل|پستالکترونیک|خبرنامه|ηλεκτρονικ|ενημερωτικ",
    "phone": "call|phone|تماس|تلفن|κλησ|τηλεφων|καλε",
    "data": "data|gdpr|privacy|داده|اطلاعات|δεδομεν|απορρητ",
}
_WORDS = {channel: re.compile(fold(words)) for channel, words in _CHANNELS.items()}
_OTHER_CHANNEL = re.compile("whatsapp|viber|telegram|fax|واتساپ|تلگرام|faks|φαξ")
_CONSENT_FIELDS = {
    "email": Field.EMAIL_CONSENT,
    "sms": Field.SMS_CONSENT,
    "phone": Field.PHONE_CONSENT,
    "recording": Field.RECORDING_CONSENT,
    "data": Field.DATA_CONSENT,
}
_OPT_OUT_FIELDS = {
    "email": Field.EMAIL_OPT_OUT,
    "sms": Field.SMS_OPT_OUT,
    "phone": Field.PHONE_OPT_OUT,
    "recording": Field.RECORDING_OPT_OUT,
}


def consent_field(heading: str) -> Field | None:
    """Return the field of a normalized heading about a consent or an opt-out, else None.

    An opt-out of no channel in particular ("Do not contact") is one of offers. A consent to a
    channel that Screenpop does not have is not imported.
    """
    text = heading.replace(" ", "")
    channel = next((channel for channel, words in _WORDS.items() if words.search(text)), "")
    if _OPT_OUT.search(text):
        return _OPT_OUT_FIELDS.get(channel, Field.OFFERS_OPT_OUT)
    if not _CONSENT.search(text):
        return None
    if _OTHER_CHANNEL.search(text):
        return Field.IGNORED
    if text == "subscribed":
        return Field.EMAIL_CONSENT
    return _CONSENT_FIELDS.get(channel)
