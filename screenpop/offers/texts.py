"""Offer texts in each language: data, not catalogue. Only placeholder: ``{destination}``.

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
QUOTE_OPEN = {
    "en": "The quote for {destination}: what is still missing to decide?",
    "fa": "پیشنهاد {destination}: برای تصمیم چه چیزی هنوز کم است؟",
    "el": "Η προσφορά για {destination}: τι λείπει ακόμη για να αποφασίσετε;",
}
BIRTHDAY = {
    "en": "Happy birthday! Is there somewhere you would like to go this year?",
    "fa": "تولدتان مبارک! امسال دوست دارید کجا بروید؟",
    "el": "Χρόνια πολλά! Πού θα θέλατε να ταξιδέψετε φέτος;",
}
ANNIVERSARY = {
    "en": "Happy anniversary! Would you like to celebrate it with a trip?",
    "fa": "سالگردتان مبارک! دوست دارید با سفری جشنش بگیرید؟",
    "el": "Χρόνια πολλά για την επέτειο! Θα θέλατε να τη γιορτάσετε με ένα ταξίδι;",
}
SEASON_AGAIN = {
    "en": "{destination} again this season? It is a good time to plan it",
    "fa": "امسال هم در همین فصل {destination}؟ حالا وقت برنامه‌ریزی است",
    "el": "Ξανά {destination} αυτή την εποχή; Τώρα είναι η ώρα να το οργανώσετε",
}
LOVED_BEFORE = {
    "en": "{destination} once more, or a place like it",
    "fa": "یک بار دیگر {destination}، یا جایی شبیه آن",
    "el": "Άλλη μια φορά {destination} ή κάποιο μέρος σαν αυτό",
}
WELCOME_BACK = {
    "en": "Good to hear from you again: where would you like to go next?",
    "fa": "خوشحالیم که دوباره صدایتان را می‌شنویم؛ سفر بعدی کجا باشد؟",
    "el": "Χαιρόμαστε που σας ακούμε ξανά: πού θα θέλατε να πάτε;",
}
