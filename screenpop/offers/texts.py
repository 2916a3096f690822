"""What to say, in each language: data, not catalogue. ``{destination}`` is the only blank."""

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
    "en": "How the visa for {destination} stands, and when to expect it",
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
    "en": "Best wishes for the birthday, and the birthday price on the next trip",
    "fa": "تبریک تولد و قیمت ویژه‌ی تولد برای سفر بعدی",
    "el": "Ευχές για τα γενέθλια και η τιμή γενεθλίων στο επόμενο ταξίδι",
}
SEASON_AGAIN = {
    "en": "{destination} again this season, while the early price lasts",
    "fa": "دوباره {destination} در همین فصل، تا قیمت زودهنگام هست",
    "el": "Ξανά {destination} αυτή την εποχή, όσο ισχύει η τιμή έγκαιρης κράτησης",
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
