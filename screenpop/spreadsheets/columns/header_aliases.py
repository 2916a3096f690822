"""Headings as people write them in English, Persian and Greek."""

import re
from functools import lru_cache

from screenpop.common.search_normalization import fold
from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.consent_headings import consent_field
from screenpop.spreadsheets.columns.other_columns import is_further_trip, other_column

SURE, LIKELY, MAYBE = 0.95, 0.8, 0.6

_WORDS = {
    Field.TITLE: "title|salutation|honorific|prefix|mr/ms|عنوان|لقب|پیشوند|τίτλος|προσφώνηση"
    "|name prefix|mr mrs|mr ms|επαγγ τίτλος"
    "|salutation name",
    Field.GIVEN: "first name|firstname|first|given name|given names|forename|name|نام|نام کوچک|اسم"
    "|όνομα|μικρό όνομα|κύριο όνομα"
    "|nam|esm|given name s|ονομ",
    Field.FAMILY: "last name|lastname|last|surname|family name|family|نام خانوادگی|نام‌خانوادگی"
    "|نامخانوادگی|فامیل|فامیلی|شهرت|επώνυμο|επίθετο"
    "|famil|family|fameli|familee|nam khanevadegi|name khanevadegi|last name s|επων",
    Field.NAME: "full name|fullname|whole name|customer name|client name|contact name|passenger"
    "|passenger name|traveller|traveler|contact|customer|client|نام و نام خانوادگی|نام و فامیل"
    "|نام و نام‌خانوادگی|نام کامل|نام مشتری|نام مسافر|مشتری|مسافر|اسم و فامیل|نام طرف حساب"
    "|طرف حساب|نام حساب|عنوان حساب|نام تفصیلی"
    "|عنوان تفصیلی|ονοματεπώνυμο"
    "|όνομα επώνυμο|όνομα και επώνυμο|όνομα πελάτη|πελάτης|επιβάτης|ταξιδιώτης"
    "|pax name|pax names|guest|guest name|lead passenger|lead pax|lead name|name of passenger"
    "|display name|complete name|file as|nam va famil|nam o famil|esm famil|nam kamel|ον μο|ονμο"
    "|ονομ επων|ονομ/νυμο|ονοματεπ",
    Field.FAMILY_FIRST: "last name first name|surname name|surname first name|family and name"
    "|نام خانوادگی و نام|نام خانوادگی نام|فامیل و نام|επώνυμο όνομα|επώνυμο και όνομα"
    "|επίθετο όνομα|επωνυμο/ονομα",
    Field.ALSO_NAMED: "also written|also named|name in english|english name|latin name"
    "|name in latin"
    "|name in persian|name in greek|نگارش دیگر نام|نام لاتین|نام به لاتین|نام انگلیسی"
    "|نام به انگلیسی|γράφεται και|όνομα στα αγγλικά|όνομα στα λατινικά|όνομα με λατινικά",
    Field.CALLED: "addressed as|called|likes to be called|to be called|nickname|nick name|known as"
    "|خطاب|صدا زدن|نام خودمانی|اسم خودمانی|نام مستعار|προσφωνείται|προσφώνηση ως|υποκοριστικό"
    "|παρατσούκλι|γνωστός ως",
    Field.MOBILE: "mobile|mobile no|mobile phone|mobile number|cell|cell phone|cellphone|cellular"
    "|whatsapp|gsm|موبایل|شماره موبایل|تلفن همراه|همراه|شماره همراه|واتساپ|واتس اپ|κινητό"
    "|κινητό τηλέφωνο|κιν|τηλ κινητό|αριθμός κινητού"
    "|mob|mob no|mob number|mobile nr|mobile phone number|cell no|cell number|hamrah|mobil"
    "|shomare mobile|shomare hamrah|tel hamrah|τηλ κιν|κιν τηλ|αρ κινητού",
    Field.HOME_PHONE: "home phone|home|home number|landline|land line|second phone|تلفن منزل|منزل"
    "|تلفن خانه|تلفن ثابت|ثابت|σταθερό|σταθερό τηλέφωνο|τηλ σταθερό|τηλέφωνο οικίας|οικία"
    "|home tel|home phone number|tel home|tel manzel|telefon manzel|manzel|sabet|τηλ οικ"
    "|τηλ οικίας|οικ"
    "|σταθ|τηλ σταθ",
    Field.WORK_PHONE: "work phone|office phone|office|business phone|work|تلفن محل کار|محل کار"
    "|تلفن دفتر|تلفن شرکت|τηλέφωνο εργασίας|τηλ εργασίας|εργασία|γραφείο"
    "|τηλέφωνο επιχείρησης|τηλ επιχείρησης|εταιρικό τηλέφωνο|κύριο τηλέφωνο εταιρείας"
    "|τηλέφωνο γραφείου"
    "|work tel|work phone number|office tel|business tel|company phone|business phone number"
    "|tel sherkat|tel mahale kar|tel kar|mahale kar|τηλ εργ|εργ",
    Field.PHONE: "phone|phone no|phone number|phones|telephone|telephone number|tel|contact number"
    "|number|other phone|second number|تلفن|شماره|شماره تلفن|شماره تماس|تماس|تلفن تماس|تلفن دوم"
    "|شماره دوم|تلفن دیگر|τηλέφωνο|τηλέφωνα|τηλ|αριθμός|αριθμός τηλεφώνου|τηλεφώνου|επικοινωνία"
    "|άλλο τηλέφωνο|αρ τηλεφώνου|δεύτερο τηλέφωνο"
    "|contact no|contact nr|contact phone|contact tel|tel no|tel nr|ph|ph no|phone nr|phone num"
    "|alt phone|alternative phone|alternate phone|telefon|shomare|shomare tamas|shomare telefon"
    "|tamas|τηλ επικοινωνίας|αρ τηλ",
    Field.EMAIL: "email|e mail|mail|email address|ایمیل|پست الکترونیک|پست الکترونیکی|رایانامه"
    "|ηλεκτρονικό ταχυδρομείο|ηλεκτρονική διεύθυνση|διεύθυνση ηλεκτρονικού ταχυδρομείου"
    "|διεύθυνση email|διεύθυνση e mail|ηλ ταχυδρομείο|μέιλ"
    "|email addr|primary email|personal email|work email|mail address",
    Field.GENDER: "gender|sex|جنسیت|جنس|φύλο",
    Field.LANGUAGE: "language|lang|preferred language|speaks|زبان|γλώσσα",
    Field.BIRTHDAY: "birthday|birthdate|birth date|date of birth|dob|born|birth|تولد|تاریخ تولد"
    "|روز تولد|متولد|γενέθλια|ημερομηνία γέννησης|ημ γέννησης|ημ/νία γέννησης|ημνια γεννησης"
    "|γέννηση|ημερ γέννησης"
    "|b day|bday|d o b|birth day|tavalod|tarikh tavalod|tavallod|ημ νια γεν|ημνια γεν|ημ γεν"
    "|ημερ γεν|ημ/νία γεν",
    Field.ANNIVERSARY: "anniversary|wedding anniversary|wedding|سالگرد|سالگرد ازدواج"
    "|تاریخ ازدواج|επέτειος|επέτειος γάμου|γάμος",
    Field.TIER: "tier|level|loyalty|loyalty tier|class|club|membership|سطح|رده|سطح مشتری|باشگاه"
    "|βαθμίδα|επίπεδο|κατηγορία|κατηγορία πελάτη",
    Field.VIP: "vip|important|ویژه|مشتری ویژه|وی آی پی|σημαντικός",
    Field.CONSENT: "consent|marketing|marketing consent|offers|may contact|opt in"
    "|رضایت|تبلیغات|رضایت به پیشنهاد|συγκατάθεση|προσφορές|συναίνεση|συγκατάθεση για προσφορές",
    Field.EMAIL_CONSENT: "e mail consent|email consent|newsletter|email opt in|رضایت ایمیل|خبرنامه"
    "|συγκατάθεση e mail|ενημερωτικά",
    Field.SMS_CONSENT: "text message consent|sms consent|sms opt in|رضایت پیامک|اجازه پیامک"
    "|پیامک تبلیغاتی|συγκατάθεση sms"
    "|sms|پیامک|اس ام اس",
    Field.PHONE_CONSENT: "call consent|phone consent|may call|رضایت تماس تلفنی|συγκατάθεση κλήσεων",
    Field.RECORDING_CONSENT: "recording consent|رضایت ضبط مکالمه|συγκατάθεση ηχογράφησης",
    Field.DATA_CONSENT: "data consent|gdpr|gdpr consent|privacy consent|رضایت نگهداری داده"
    "|συγκατάθεση δεδομένων",
    Field.OFFERS_OPT_OUT: "opt out|opted out|do not contact|no marketing|no offers|عدم رضایت"
    "|انصراف از تبلیغات|διαγραφή από λίστα|να μην ενοχληθεί",
    Field.EMAIL_OPT_OUT: "email opt out|unsubscribed|unsubscribed from all email|do not email"
    "|لغو خبرنامه|عدم ارسال ایمیل|απεγγραφή|απεγγραφή από email|απεγγραφή newsletter",
    Field.SMS_OPT_OUT: "sms opt out|do not text|no sms|لغو پیامک|عدم ارسال پیامک"
    "|απεγγραφή από sms|να μην αποστέλλονται sms",
    Field.PHONE_OPT_OUT: "do not call|phone opt out|dnc|تماس گرفته نشود|عدم تماس"
    "|να μην καλείται|όχι κλήσεις",
    Field.RECORDING_OPT_OUT: "do not record|عدم ضبط مکالمه|να μην ηχογραφείται",
    Field.BALANCE: "balance|debt|due|amount due|owes|outstanding|owing|مانده|مانده حساب|بدهی"
    "|بدهکاری|υπόλοιπο|οφειλή|χρέος|υπόλοιπο λογαριασμού"
    "|mande|mandeh|bedehi|mande hesab|υπολ|υπόλ",
    Field.CURRENCY: "currency|cur|ارز|واحد پول|واحد|νόμισμα",
    Field.SINCE: "customer since|since|client since|member since|joined|registered|مشتری از"
    "|تاریخ عضویت|عضویت|تاریخ ثبت|سابقه|πελάτης από|ημερομηνία εγγραφής|εγγραφή"
    "|became a customer date",
    Field.COMPANY: "company|organisation|organization|firm|employer|شرکت|سازمان|موسسه|εταιρεία"
    "|εταιρία|επιχείρηση|οργανισμός|επωνυμία"
    "|organization name|organisation name|company name|account name|parent id|parent"
    "|parent company|related company|sherkat|نام شرکت|επωνυμία εταιρείας"
    "|λογαριασμός|όνομα λογαριασμού",
    Field.HOUSEHOLD: "household|family group|خانوار|خانواده|νοικοκυριό|οικογένεια",
    Field.CITY: "city|town|home city|home town|hometown|city of residence|residence|lives in"
    "|شهر|شهر محل سکونت|شهر سکونت|محل سکونت|محل زندگی|ساکن|πόλη|πόλη κατοικίας|πόλη διαμονής"
    "|κατοικία|μένει"
    "|mailing city|billing city|home city|business city|address city|other city"
    "|primary address city|shahr",
    Field.HEARD_FROM: "heard from|heard of us|how did you hear about us|how they heard of us"
    "|found us through|منبع سرنخ|منبع آشنایی|lead source|customer source|نحوه آشنایی"
    "|نحوه آشنایی با ما|راه آشنایی"
    "|آشنایی از طریق|πώς μας έμαθε|πώς μας μάθατε|πηγή πελάτη|από πού μας έμαθε"
    "|منبع جذب|منبع|πηγή|πηγή επαφής",
    Field.TAGS: "tags|tag|labels|keywords|categories|برچسب|برچسب‌ها|کلیدواژه|ετικέτες|ετικέτα"
    "|λέξεις κλειδιά"
    "|κατηγορίες|category id|group|groups|group membership|segment|segments|گروه|دسته بندی|ομάδα",
    Field.SEAT: "seat|seats|seating|seat preference|preferred seat|صندلی|صندلی دلخواه|جای نشستن"
    "|θέση|θέσεις|προτίμηση θέσης|κάθισμα",
    Field.MEALS: "meals|meal|meal preference|food|diet|dietary|dietary needs|غذا|رژیم غذایی"
    "|نوع غذا|φαγητό|γεύμα|γεύματα|διατροφή|δίαιτα",
    Field.SEASON: "season|seasons|travel season|preferred season|when they travel|فصل|فصل سفر"
    "|زمان سفر|εποχή|εποχή ταξιδιού|πότε ταξιδεύει",
    Field.BUDGET: "budget|usual budget|travel budget|بودجه|بودجه سفر|προϋπολογισμός|μπάτζετ",
    Field.DESTINATIONS: "destinations|favourite destinations|favorite destinations"
    "|favourite destination|favorite destination|likes to go to|dream destinations|مقصدها"
    "|مقصدهای محبوب|مقصد محبوب|مقصدهای دلخواه|προορισμοί|αγαπημένοι προορισμοί"
    "|αγαπημένος προορισμός",
    Field.OTHER_WISH: "other wishes|other preferences|anything else|خواسته‌های دیگر|ترجیحات دیگر"
    "|άλλες επιθυμίες|άλλες προτιμήσεις",
    Field.ALLOWS: "allows|consents|permissions|agreed to|may be contacted by|اجازه‌ها|مجوزها"
    "|رضایت‌ها|رضایت نامه‌ها|επιτρέπει|συγκαταθέσεις|άδειες|συναινέσεις",
    Field.OWNER: "owner|customer owner|account owner|account manager|looked after by|agent"
    "|our agent|sales agent|travel agent|travel consultant|consultant|responsible|person in charge"
    "|assigned to|assigned user|ارجاع به|handled by|salesperson|sales person|seller|کارشناس"
    "|کارشناس فروش|کارشناس مربوطه"
    "|مسئول|مسئول مشتری|مسئول پیگیری|مسئول پرونده|فروشنده|υπεύθυνος|υπεύθυνη|υπεύθυνος πελάτη"
    "|υπεύθυνος πωλήσεων|σύμβουλος|ταξιδιωτικός σύμβουλος|πωλητής|πωλήτρια|χειριστής|ανατέθηκε σε",
    Field.BRANCH: "branch|branch office|our branch|office branch|branch name|shobe|shobeh|شعبه"
    "|نام شعبه|شعبه دفتر|υποκατάστημα|υποκ/μα|κατάστημα",
    Field.PREFERENCES: "preferences|preference|likes|wishes|ترجیحات|ترجیح|سلیقه"
    "|علاقه‌مندی|علایق|προτιμήσεις|προτίμηση",
    Field.NOTES: "notes|note|remarks|remark|comments|comment|memo|یادداشت|یادداشت‌ها|توضیحات|توضیح"
    "|ملاحظات|σημειώσεις|σημείωση|παρατηρήσεις|σχόλια|σχόλιο"
    "|description|شرح|tozihat|tozih|yaddasht|molahezat|internal notes|σημ|παρατ"
    "|περιγραφή|λεπτομέρειες",
    Field.DESTINATION: "destination|trip|travel to|going to|مقصد|سفر به|شهر مقصد|سفر"
    "|προορισμός|ταξίδι|πόλη προορισμού"
    "|dest|dest city|maghsad|maqsad|safar|safar be|place|where to|προορ|προορ/μός",
    Field.COUNTRY: "country|destination country|کشور|کشور مقصد|χώρα|χώρα προορισμού",
    Field.PRODUCT: "product|service|services|kind of trip|type|خدمات|خدمت|نوع سفر|محصول|نوع خدمات"
    "|نوع|υπηρεσία|προϊόν|είδος ταξιδιού|είδος|τύπος",
    Field.DEPARTS: "departs|departure|departure date|travel date|start|start date|date of travel"
    "|trip date|trip 1 date"
    "|check in|outbound|from date|رفت|تاریخ رفت|تاریخ سفر|تاریخ حرکت|حرکت|شروع|تاریخ پرواز"
    "|αναχώρηση|ημερομηνία αναχώρησης|ημ αναχώρησης|ημ/νία αναχώρησης|ημερομηνία ταξιδιού"
    "|έναρξη|άφιξη από"
    "|dep|dep date|dept date|dep dt|out date|travel dates|travel start|trip start|tarikh raft"
    "|raft|tarikh safar|tarikh parvaz|date out|αναχ|ημ αναχ|ημ νια αναχ",
    Field.RETURNS: "returns|return|return date|end|end date|check out|inbound|to date|برگشت"
    "|تاریخ برگشت|بازگشت|تاریخ بازگشت|پایان|επιστροφή|ημερομηνία επιστροφής|ημ επιστροφής"
    "|ημ/νία επιστροφής|λήξη"
    "|ret|ret date|ret dt|return dt|travel end|trip end|tarikh bargasht|bargasht|date back|επιστρ"
    "|ημ επιστρ|ημ νια επιστρ",
    Field.STATUS: "status|state|trip status|booking status|وضعیت|وضعیت سفر|حالت|κατάσταση"
    "|κατάσταση κράτησης|στάτους"
    "|vaziat|vaziyat",
    Field.VISA: "visa|visa status|visa state|ویزا|وضعیت ویزا|روادید|βίζα|κατάσταση βίζας",
    Field.PRICE: "price|total price|cost|amount|total|fare|value|قیمت|مبلغ|مبلغ کل|هزینه|بها"
    "|قیمت کل|τιμή|κόστος|ποσό|σύνολο|αξία|συνολικό ποσό"
    "|gheymat|gheimat|mablagh|mablagh kol|total amount|total cost|grand total|trip total"
    "|price total",
    Field.PAID: "paid|payment|amount paid|deposit|received|پرداخت|پرداخت شده|پرداختی|دریافتی"
    "|بیعانه|πληρωμένο|πληρωμή|πληρώθηκε|εξοφλημένο|προκαταβολή|καταβλήθηκε"
    "|pardakht|pardakhti|pardakht shode|beyaneh|paid amount|amount received|πληρ"
    "|προκ/λή|προκαταβ|έναντι",
    Field.ADULTS: "adults|persons|people|pax|number of people|number of travellers|بزرگسال"
    "|تعداد|تعداد نفرات|نفرات|تعداد مسافر|ενήλικες|άτομα|αριθμός ατόμων|αριθμός επιβατών"
    "|no of pax|pax no|tedad|tedad nafarat|nafarat|αρ ατόμων",
    Field.CHILDREN: "children|kids|child|کودک|کودکان|تعداد کودک|بچه|παιδιά|παιδί",
    Field.TRAVELLERS: "travellers|travelers|passengers|passenger names|passenger list|companions"
    "|companion|travelling with|traveling with|travels with|travel companions|other travellers"
    "|names of travellers|names of passengers|also travelling|مسافران|مسافرین|مسافرها|همسفران"
    "|همسفر|همسفرها|همراهان|همراهان سفر|نام مسافران|نام همراهان|اسامی مسافران|لیست مسافران"
    "|فهرست مسافران|ταξιδιώτες|επιβάτες|συνταξιδιώτες|συνταξιδιώτης|συνεπιβάτες|συνοδοί"
    "|ονόματα επιβατών|ονόματα ταξιδιωτών|λίστα επιβατών|ταξιδεύει με|ταξιδεύουν",
    Field.TRIP_NOTE: "trip note|trip notes|booking note|hotel|itinerary|airline"
    "|توضیحات سفر|هتل|ایرلاین|σημειώσεις ταξιδιού|ξενοδοχείο"
    "|route|routing|sector|sectors|مسیر|مسیر پرواز|διαδρομή|masir",
    Field.SUPPLIER: "supplier|suppliers|vendor|provider|bought from|tour operator|wholesaler"
    "|تامین کننده|تأمین‌کننده|کارگزار|خرید از|خریداری از|فروشنده اصلی|προμηθευτής|προμηθευτές"
    "|πάροχος|αγορά από|διοργανωτής",
    Field.MARGIN: "margin|our margin|profit|our profit|gain|commission|markup|mark up|سود|سود ما"
    "|حاشیه سود|کارمزد|کمیسیون|κέρδος|κέρδος μας|περιθώριο|περιθώριο κέρδους|προμήθεια",
    Field.RATING: "stars|rating|score|satisfaction|ستاره|ستاره‌ها|امتیاز|امتیاز سفر|αστέρια"
    "|βαθμολογία|αξιολόγηση",
    Field.FEEDBACK: "how it was|how was it|feedback|review|traveller feedback|چطور بود|بازخورد"
    "|نظر مسافر|نظر مشتری|نظر|πώς ήταν|κριτική|σχόλια ταξιδιού|γνώμη",
    Field.FEEDBACK_ASKED: "asked how it was|feedback asked|feedback asked on|asked for feedback"
    "|نظر خواسته شد|تاریخ نظرخواهی|نظرخواهی|ρωτήθηκε πώς ήταν|ρωτήθηκε|ημερομηνία ερώτησης",
    Field.CASE_KIND: "kind of case|case kind|case type|type of case|نوع پرونده|نوع درخواست"
    "|είδος υπόθεσης|τύπος υπόθεσης",
    Field.CASE_STATE: "state of the case|case state|case status|status of the case|وضعیت پرونده"
    "|وضعیت درخواست|κατάσταση υπόθεσης",
    Field.CASE_SUBJECT: "subject|case|case subject|about|matter|issue|request|موضوع|موضوع پرونده"
    "|شرح پرونده|درخواست|موضوع درخواست|θέμα|θέμα υπόθεσης|υπόθεση|αίτημα",
    Field.CASE_OPENED: "opened on|opened|case opened|open since|گشوده در|تاریخ گشودن|باز شده در"
    "|تاریخ باز شدن|άνοιξε|άνοιξε στις|ημερομηνία ανοίγματος",
    Field.CASE_PROMISED_BY: "promised by|who promised|قول از|قول دهنده|υποσχέθηκε|υπόσχεση από",
    Field.CASE_PROMISED_FOR: "promised for|promised on|due on|deadline|قول برای|مهلت|موعد"
    "|υπόσχεση για|προθεσμία|έως",
    Field.CASE_CLOSED: "closed on|closed|case closed|solved on|resolved on|بسته در|تاریخ بستن"
    "|بسته شده در|έκλεισε|έκλεισε στις|ημερομηνία κλεισίματος",
    Field.CODE: "code|customer code|client code|customer no|customer nr|customer number|client no"
    "|client number|customer id|client id|account code|account no|member no|membership no|cust no"
    "|cust code|کد|کد مشتری|شماره مشتری|کد اشتراک|شماره اشتراک|کد عضویت|شماره عضویت|کد مسافر"
    "|کد تفصیلی|کد حساب|کد طرف حساب"
    "|code moshtari|shomare moshtari|κωδικός|κωδ|κωδικός πελάτη|κωδ πελάτη|αρ πελάτη"
    "|αριθμός πελάτη",
    Field.IGNORED: "no|nr|row|row no|id|#|ردیف|شناسه|شماره ردیف|α/α|αα|α α|screenpop number"
    "|شماره screenpop|αριθμός screenpop",
}
_AROUND = (
    "customer|customers|client|clients|contact|traveller|passenger|of|the|your|main|primary|first"
    "|date"
    "|مشتری|مسافر|اصلی|شماره|تاریخ|πελάτη|πελατών|επιβάτη|κύριο|ημερομηνία|ημ|ημνία|ημ/νια"
)


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
"""Where ``firstName`` and ``PhoneNumber`` part into words."""


def normalize_heading(heading: str) -> str:
    """Return a heading without case, accents, punctuation between words, and text in brackets."""
    text = _CAMEL.sub(" ", heading).partition("(")[0] or heading
    for mark in "_-.:,;*?؟!'\"/\\|\n\r\t£€$﷼":
        text = text.replace(mark, " ")
    return fold(text)


_EXACT = {
    normalize_heading(word): field for field, words in _WORDS.items() for word in words.split("|")
}
_EXACT["#"] = Field.IGNORED
_NOISE = {normalize_heading(word) for word in _AROUND.split("|")}
_WHOLE_ONLY = frozenset(
    {Field.CODE, Field.CITY, Field.TITLE, Field.GIVEN, Field.FAMILY, Field.NAME, Field.IGNORED}
)
"""The city of an arrival is no home, "Hotel name" no name, "Last price" no family name."""
_BY_LENGTH = sorted(
    (word for word, field in _EXACT.items() if field not in _WHOLE_ONLY), key=len, reverse=True
)
"""Headings that also count as part of a longer one."""
_SHORTEST_PART = 4


@lru_cache(maxsize=4096)
def match_heading(heading: str) -> tuple[Field, float] | None:
    """Return the field of a heading and how sure it is; None when it is not known."""
    text = normalize_heading(heading[:200])
    if not text:
        return None
    if field := _EXACT.get(text):
        return field, SURE
    if is_further_trip(text):
        return Field.NOTES, LIKELY
    unnumbered = text.rstrip("0123456789 ")
    if field := _EXACT.get(unnumbered):
        return field, SURE
    if (consent := consent_field(unnumbered)) is not None:
        return consent, LIKELY
    valued = text.removesuffix(" value").rstrip("0123456789 ")
    if field := _EXACT.get(valued):
        return field, SURE
    if (other := other_column(text)) is not None:
        return other, LIKELY
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


_ONE_TRAVELLER = frozenset(
    map(
        normalize_heading,
        (
            *("passenger", "passenger name", "traveller", "traveler", "traveller name"),
            *("مسافر", "نام مسافر", "επιβάτης", "ταξιδιώτης", "όνομα επιβάτη", "όνομα ταξιδιώτη"),
        ),
    )
)


def is_one_traveller(heading: str) -> bool:
    """Return whether the heading names a traveller, who may or may not be the customer."""
    return normalize_heading(heading[:200]).rstrip("0123456789 ") in _ONE_TRAVELLER


def is_other_column(heading: str) -> bool:
    """Return whether a heading is one of ``other_columns``."""
    text = normalize_heading(heading[:200])
    return text not in _EXACT and other_column(text) in {Field.IGNORED, Field.NOTES}


def is_notes_heading(heading: str) -> bool:
    """Return whether a column is headed as notes, so that its heading adds nothing to them."""
    return _EXACT.get(normalize_heading(heading[:200]).rstrip("0123456789 ")) is Field.NOTES


def known_headings(heading: str) -> bool:
    found = match_heading(heading)
    return found is not None and found[1] >= LIKELY
