"""Common given names, and endings of family names, to find which of two words is the given name.

Written by hand from the names that are usual in Iran, Greece and Britain, with the spellings of
Iranian and Greek names in Latin letters. Left out: names that are as often family names (Thomas,
James; Βασιλείου is one, Βασίλης is not). A name that is missing here gives no evidence, so a list
need not be complete.
"""

from screenpop.common.search_normalization import fold

_PERSIAN = """
    فاطمه زهرا مریم زینب معصومه سکینه رقیه خدیجه طاهره صدیقه لیلا لیلی سارا سمیرا سمیه الهام الهه
    نرگس نسرین نسترن نازنین نازی ناهید نیلوفر نگار نگین ندا نوشین شیرین شیدا شهلا شهره شهناز شادی
    شبنم شقایق شیما شکوفه مینا مینو میترا مهسا مهناز مهشید مهدیه مهتاب مهرنوش مریلا محبوبه مژگان
    مژده منیژه منیره ملیکا پریسا پری پروین پروانه پگاه پونه پانته‌آ پریناز پرستو آزاده آرزو آیدا
    آیلین آتنا آناهیتا آذر آزیتا اعظم اکرم اشرف افسانه افسون بهاره بهار بهناز بیتا بنفشه باران
    ترانه تینا ثریا ثنا حدیث حمیده حنانه دریا دنیا درسا رویا رعنا راضیه ریحانه رها روشنک ژاله ژیلا
    زهره زیبا ساناز سپیده ستاره سحر سوسن سیما سیمین سودابه سهیلا سوگند سلما سولماز طیبه طناز عاطفه
    عسل غزاله غزل فرشته فرزانه فریبا فریده فهیمه فرناز فروغ کیمیا کیانا کوثر گلناز گلاره گیتا گیتی
    گلی لاله لادن مائده هانیه هما هدیه هدا هلیا هستی هنگامه یاسمین یاسمن یگانه یلدا الناز المیرا
    مبینا علی محمد حسین حسن رضا مهدی امیر احمد محمود مصطفی مرتضی مجتبی مسعود مجید محسن مهران
    مهرداد میلاد منصور منوچهر مسلم میثم ابراهیم اسماعیل اکبر اصغر اردشیر ارسلان اسد اشکان افشین
    امید امین ایمان ایرج ایوب ابوالفضل احسان ارش آرش آرمین آرمان آرین آراد آریا بابک بهرام بهزاد
    بهروز بهمن بهنام بیژن بنیامین پارسا پدرام پرویز پژمان پوریا پویا پیام پیمان پرهام تورج تقی
    جعفر جلال جمال جمشید جواد جهانگیر حامد حبیب حجت حسام حمید حمیدرضا حیدر خسرو خلیل داریوش داود
    داوود دانیال رامین رحمان رحیم رسول روح‌الله روزبه زکریا سامان سعید سلیمان سهراب سیامک سیاوش
    سیروس سینا سبحان سجاد ساسان شاهین شاهرخ شهاب شهرام شهریار شروین صادق صالح صمد طاها طاهر عباس
    عبدالله عرفان علیرضا عماد عیسی غلام غلامرضا غلامحسین فرزاد فرشاد فرشید فرهاد فرید فریدون
    فرامرز فواد قاسم کاظم کامران کامیار کاوه کریم کمال کوروش کیان کیانوش کیوان کیومرث محمدرضا
    محمدعلی محمدحسین محمدمهدی امیرحسین امیرعلی امیررضا مازیار مانی ماهان متین موسی ناصر نادر نیما
    نوید هادی هاشم هامون هومن هوشنگ وحید یاسر یاسین یعقوب یوسف یونس سید سیده
"""
_GREEK = """
    Μαρία Ελένη Αικατερίνη Κατερίνα Κατίνα Κική Βασιλική Βάσω Βίκυ Σοφία Αγγελική Αγγέλα Γεωργία
    Ειρήνη Ρένα Ευαγγελία Εύα Βαγγελιώ Δήμητρα Δημητρούλα Άννα Αννούλα Ιωάννα Γιάννα Παναγιώτα
    Γιώτα Αναστασία Τασούλα Νατάσα Χριστίνα Κωνσταντίνα Ντίνα Νίνα Παρασκευή Εύη Βούλα Ελευθερία
    Ρίτσα Φωτεινή Φώφη Φανή Δέσποινα Ντέπη Σταυρούλα Κυριακή Κούλα Αθανασία Σούλα Σπυριδούλα
    Στυλιανή Στέλλα Λίλα Χρυσούλα Χρύσα Αλεξάνδρα Αλέκα Όλγα Μαργαρίτα Ρίτα Ευγενία Τζένη Ουρανία
    Ράνια Θεοδώρα Δώρα Ντόρα Αθηνά Νίκη Νικολέτα Νικολέττα Αντωνία Τόνια Μαρίνα Καλλιόπη Πόπη
    Πηνελόπη Ευτυχία Έφη Ευφροσύνη Ζωή Ιφιγένεια Μάρθα Μαρίκα Μαρίζα Ματίνα Ειρηνούλα Ευδοκία
    Λουκία Λαμπρινή Λίτσα Λένα Λένια Ξένια Πολυξένη Ρούλα Σμαρώ Σωτηρία Τατιάνα Φλώρα Φιλιώ Χαρά
    Χαρίκλεια Χάρις Άρτεμις Αλίκη Αμαλία Αργυρώ Αριάδνη Ασημίνα Ασπασία Αφροδίτη Βαρβάρα Βιργινία
    Γαρυφαλλιά Γλυκερία Δανάη Δάφνη Ελπίδα Ευσταθία Ηλέκτρα Ήρα Θάλεια Θεανώ Θέκλα Ισμήνη
    Κλεοπάτρα Λήδα Λυδία Μελίνα Μυρτώ Νεφέλη Ξανθή Παυλίνα Πελαγία Ρέα Ρόζα Σταματία Φαίδρα
    Φιλίππα Χλόη Τριανταφυλλιά Μαρία-Ελένη Αγάπη Ανθή Ανθούλα Γιασεμή Ζέτα Μαίρη Νάντια Γεώργιος
    Γιώργος Γιωργος Δημήτριος Δημήτρης Μήτσος Μίμης Κωνσταντίνος Κώστας Ντίνος Ιωάννης Γιάννης
    Νικόλαος Νίκος Χρήστος Παναγιώτης Πάνος Τάκης Βασίλειος Βασίλης Μπίλης Αθανάσιος Θανάσης Νάσος
    Μιχαήλ Μιχάλης Ευάγγελος Βαγγέλης Σπυρίδων Σπύρος Αντώνιος Αντώνης Αναστάσιος Τάσος Αναστάσης
    Θεόδωρος Θοδωρής Ανδρέας Χαράλαμπος Χάρης Μπάμπης Λάμπης Αλέξανδρος Αλέκος Αλέξης Αλέξιος
    Εμμανουήλ Μανώλης Μάνος Ηλίας Σταύρος Πέτρος Στυλιανός Στέλιος Σωτήριος Σωτήρης Ελευθέριος
    Λευτέρης Απόστολος Τόλης Φώτιος Φώτης Γρηγόριος Γρηγόρης Διονύσιος Διονύσης Νιόνιος Ευστάθιος
    Στάθης Παύλος Άγγελος Κυριάκος Ιωσήφ Σήφης Αριστείδης Άρης Παρασκευάς Στέφανος Εμμανουήλ
    Λάμπρος Λεωνίδας Μάρκος Μάριος Θωμάς Γεράσιμος Μάκης Ευθύμιος Θύμιος Σάββας Σταμάτης Στέργιος
    Στρατής Ευστράτιος Τηλέμαχος Τιμόθεος Φίλιππος Φοίβος Χριστόφορος Χρύσανθος Ζήσης Ζαχαρίας
    Ηρακλής Θεμιστοκλής Θεόφιλος Ιάκωβος Ιάσονας Ιορδάνης Κλεάνθης Κοσμάς Λάζαρος Λουκάς Ματθαίος
    Μενέλαος Μιλτιάδης Νεκτάριος Νικηφόρος Ξενοφών Οδυσσέας Ορέστης Παντελής Περικλής Πρόδρομος
    Ραφαήλ Σεραφείμ Σοφοκλής Σωκράτης Τρύφων Αχιλλέας Βύρων Δαμιανός Δανιήλ Επαμεινώνδας Ευριπίδης
    Κίμων Μηνάς Πλάτων Προκόπης Αργύρης Βλάσης Γαβριήλ Αδάμ Αβραάμ
"""
_LATIN = """
    Fatemeh Fatima Zahra Zohreh Maryam Zeynab Zeinab Masoumeh Leila Leyla Leyli Sara Samira
    Somayeh Elham Elaheh Narges Nasrin Nastaran Nazanin Nahid Niloufar Niloofar Negar Negin Neda
    Nooshin Shirin Sheida Shahla Shohreh Shahnaz Shadi Shabnam Shaghayegh Shima Mina Mitra Mahsa
    Mahnaz Mahshid Mahdieh Mahtab Mojgan Mozhgan Manijeh Melika Parisa Parvin Parvaneh Pegah
    Parastoo Azadeh Arezoo Arezu Ayda Aida Aylin Anahita Azita Azam Akram Afsaneh Bahareh Bahar
    Behnaz Bita Taraneh Tina Soraya Hanieh Homa Hoda Roya Rana Razieh Reyhaneh Raha Jaleh Zhaleh
    Zhila Ziba Sanaz Sepideh Setareh Sahar Sousan Sima Simin Soheila Sougand Atefeh Ghazal
    Ghazaleh Fereshteh Farzaneh Fariba Farideh Farnaz Kimia Kiana Golnaz Laleh Ladan Yasaman
    Yasamin Yeganeh Yalda Elnaz Elmira Mobina Ali Mohammad Mohamad Mohammed Muhammad Hossein
    Hussein Hosein Hassan Hasan Reza Mehdi Mahdi Amir Ahmad Mahmoud Mostafa Morteza Mojtaba Masoud
    Majid Mohsen Mehran Mehrdad Milad Mansour Manouchehr Meysam Ebrahim Ibrahim Esmaeil Akbar
    Asghar Ashkan Afshin Omid Amin Iman Iraj Abolfazl Ehsan Arash Armin Arman Aryan Babak Bahram
    Behzad Behrouz Behrooz Bahman Behnam Bijan Pedram Parviz Pejman Pouria Pouya Payam Peyman
    Parham Jafar Jalal Jamal Jamshid Javad Hamed Habib Hamid Hamidreza Khosrow Dariush Davood
    Davoud Daniyal Ramin Rahman Rahim Rasoul Roozbeh Saman Saeed Saeid Sohrab Siamak Siavash
    Sirous Sina Sajjad Shahin Shahrokh Shahab Shahram Shervin Sadegh Abbas Abdollah Erfan Alireza
    Emad Gholamreza Farzad Farshad Farshid Farhad Farid Fereydoun Faramarz Ghasem Kazem Kamran
    Kamyar Kaveh Karim Kourosh Kian Keyvan Kayvan Kiumars Mohammadreza Amirhossein Maziar Mani
    Naser Nader Nima Navid Hadi Hooman Houman Houshang Vahid Yaser Yasin Yaghoub Yousef Younes
    Maria Eleni Elena Aikaterini Katerina Vasiliki Vaso Vicky Sofia Aggeliki Angeliki Georgia
    Eirini Irini Evangelia Eva Dimitra Anna Ioanna Gianna Panagiota Giota Anastasia Natasa
    Christina Konstantina Ntina Dina Paraskevi Evi Voula Eleftheria Foteini Fotini Fani Despoina
    Despina Stavroula Kyriaki Athanasia Spyridoula Styliani Stella Chrysoula Chrysa Alexandra
    Aleka Olga Margarita Rita Evgenia Tzeni Jenny Ourania Rania Theodora Dora Athina Niki Nikoleta
    Antonia Tonia Marina Kalliopi Popi Pinelopi Penelope Eftychia Efi Zoi Ifigeneia Martha Areti
    Argyro Ariadni Aspasia Afroditi Varvara Virginia Danai Dafni Elpida Ilektra Ismini Kleopatra
    Lida Lydia Melina Myrto Nefeli Xanthi Pavlina Roza Stamatia Chloe Mairi Georgios Giorgos
    Yiorgos Dimitrios Dimitris Konstantinos Kostas Costas Ioannis Giannis Yannis Yiannis Nikolaos
    Nikos Christos Panagiotis Panos Takis Vasileios Vasilis Athanasios Thanasis Michail Michalis
    Evangelos Vangelis Spyridon Spyros Antonios Antonis Anastasios Tasos Theodoros Thodoris
    Andreas Charalampos Charis Babis Alexandros Alekos Alexis Emmanouil Manolis Manos Ilias
    Stavros Petros Stylianos Stelios Sotirios Sotiris Eleftherios Lefteris Apostolos Fotios Fotis
    Grigorios Grigoris Dionysios Dionysis Stathis Pavlos Angelos Aggelos Kyriakos Iosif Aristeidis
    Aris Stefanos Lampros Leonidas Markos Marios Gerasimos Makis Savvas Stamatis Stergios Stratis
    Filippos Christoforos Iraklis Iason Lazaros Loukas Menelaos Miltiadis Nektarios Odysseas
    Orestis Pantelis Periklis Sokratis Achilleas Mary Margaret Elizabeth Susan Emma Olivia
    Charlotte Harriet Alice Florence Imogen Beatrice Nora Ruth Joan Jane Janet Helen Sarah Emily
    Sophie Sophia Lucy Hannah Rachel Rebecca Laura Julia Karen Linda Patricia Barbara Jennifer
    Jessica Michelle Kate Katie Katherine Catherine Claire Clare Ann Anne Amy Angela Carol
    Caroline Christine Diana Diane Dorothy Eleanor Ellen Fiona Gillian Hazel Heather Isabel
    Isabella Jacqueline Joanna Joanne Judith Julie Kathleen Louise Maureen Monica Natalie Nicola
    Pamela Paula Petra Rosemary Sally Samantha Sandra Sharon Sheila Teresa Tracy Valerie Vanessa
    Victoria Wendy Yvonne Zoe John William Robert Richard Michael David Daniel Matthew Andrew
    Christopher Joseph Edward Charles Peter Stephen Steven Mark Paul Kevin Brian Ian Alan Stuart
    Jonathan Nicholas Timothy Benjamin Jack Oliver Philip Samuel William Arthur Hugh Owen Luke
    Adam Alexander Anthony Patrick Simon Robin Geoffrey Gerald Derek Dennis Donald Douglas Eric
    Frank Fred Frederick Gareth Gary Jason Jeffrey Jeremy Joshua Keith Kenneth Larry Leonard
    Malcolm Nigel Peter Ralph Raymond Roger Ronald Sean Theodore Tom Tim Tony Trevor Victor
    Vincent
"""
GIVEN_NAMES = frozenset(fold(name) for name in f"{_PERSIAN} {_GREEK} {_LATIN}".split())
"""Folded (``common.search_normalization``)."""
_FAMILY_ENDINGS = tuple(
    map(
        fold,
        (
            *("زاده", "پور", "نژاد", "نیا", "یان", "وند", "لو", "ی"),
            *("όπουλος", "ίδης", "άδης", "άκης", "όγλου", "ου", "έας", "ούδης", "άτος"),
            *("poulos", "poulou", "idis", "idou", "adis", "adou", "akis", "oglou", "aiou", "iou"),
            *("zadeh", "pour", "nejad", "nezhad"),
        ),
    )
)
_SHORTEST_FAMILY = 4


def is_given_name(word: str) -> bool:
    """Return whether a folded word is a common given name."""
    return word in GIVEN_NAMES


def ends_as_family_name(word: str) -> bool:
    """Return whether a folded word has the ending of a family name and is no given name."""
    is_long = len(word) >= _SHORTEST_FAMILY
    return is_long and word.endswith(_FAMILY_ENDINGS) and word not in GIVEN_NAMES
