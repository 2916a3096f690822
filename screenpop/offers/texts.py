"""Texts of the service rules in each language: data, not catalogue.

Only placeholder: ``{destination}``.

No text promises a price, a discount, a gift or a deadline: only the office can make such an offer.
"""

SEATS_TOGETHER = {
    "en": "Seats together on the way to {destination}, and what the children need",
    "fa": "صندلی‌های کنار هم برای {destination} و آنچه بچه‌ها لازم دارند",
    "el": "Θέσεις μαζί για {destination} και ό,τι χρειάζονται τα παιδιά",
}
READY_TO_GO = {
    "en": "Is everything ready for {destination}: documents, transfer, seats?",
    "fa": "برای {destination} همه‌چیز آماده است؟ مدارک، ترانسفر، صندلی",
    "el": "Είναι όλα έτοιμα για {destination}; Έγγραφα, μεταφορά, θέσεις",
}
VISA_NEWS = {
    "en": "Visa status for {destination}, and when to expect the visa",
    "fa": "ویزای {destination} در چه مرحله‌ای است و کی انتظارش می‌رود",
    "el": "Πού βρίσκεται η βίζα για {destination} και πότε αναμένεται",
}
HOW_WAS_IT = {
    "en": "How was {destination}?",
    "fa": "{destination} چطور بود؟",
    "el": "Πώς ήταν το ταξίδι: {destination};",
}
