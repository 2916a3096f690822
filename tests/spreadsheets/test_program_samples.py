"""Exports of other programs, with invented people: what becomes of each column and row."""

from datetime import date

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.import_columns import Field
from screenpop.customers.models import Title
from tests.spreadsheets.test_other_programs import ATHENS, LONDON, TEHRAN, numbers, read

ESPOCRM = (
    "ID,Salutation,First Name,Last Name,Account Name,Title,Email,Phone,Do Not Call,Addres"
    "s (Street),Address (City),Description,Created At,Assigned User\n"
    "64f1,Mrs.,Jane,Holloway,Holloway Ltd,Director,jane@example.org,+44 7400 900301,1,1 H"
    "igh St,Leeds,Likes trains,2024-03-01 10:00:00,sara\n"
    "64f2,,Tom,Birk,,,tom@example.org,07400 900302,0,,,,2024-03-02 10:00:00,\n"
)
SUITECRM = (
    '"First Name","Last Name","Account Name","Job Title","Email Address","Office Phone","'
    'Mobile","Home","Fax","Opt Out","Invalid Email","Primary Address City","Birthdate","L'
    'ead Source","Date Created","Date Modified","Assigned to"\n'
    '"Maria","Galani","Ionian SA","CEO","m@example.gr","2106001122","6971112222","2106001'
    '123","2106009999","1","0","Patra","1980-05-06","Web Site","2022-01-01","2023-01-01",'
    '"admin"\n'
)
ZOHO = (
    "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name,Email,Pho"
    "ne,Mobile,Home Phone,Other Phone,Fax,Date of Birth,Email Opt Out,Mailing City,Create"
    "d Time,Modified Time,Last Activity Time,Tag,Salutation,Unsubscribed Mode\n"
    "zcrm_1,zcrm_9,Sara,Ada,Birch,Birch Ltd,ada@example.org,020 7946 0555,07400 900222,02"
    "0 7946 0556,,020 7946 0999,1975-04-03,true,Leeds,2021-01-01 10:00:00,2022-01-01 10:0"
    "0:00,2022-05-05 10:00:00,VIP,Ms.,\n"
)
HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Company Name,J"
    "ob Title,City,Date of birth,Lead Status,Marketing contact status,Unsubscribed from a"
    "ll email,Create Date,Last Activity Date,Contact owner,Associated Company\n"
    "51,Ada,Birch,ada@example.org,020 7946 0555,07400 900222,Birch Ltd,Owner,Leeds,1975-0"
    "4-03,Open,Non-marketing contact,true,2021-01-01 10:00,2022-01-01 11:00,Sara Amini,Bi"
    "rch Ltd\n"
)
GOOGLE_BEFORE_2024 = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Name Prefix,Name Suffix,Nickna"
    "me,Birthday,Gender,Location,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Address 1 - Formatted,"
    "Address 1 - City,Organization 1 - Name,Organization 1 - Title\n"
    "Ada Birch,Ada,,Birch,,Dr,,,1975-04-03,,,Window seat,* myContacts ::: VIP,* Home,ada@"
    'example.org,Mobile,07400 900222,Work,020 7946 0555,"1 High St, Leeds",Leeds,Birch Lt'
    "d,Owner\n"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business "
    "Street,Business City,Business Postal Code,Home Street,Home City,Business Fax,Busines"
    "s Phone,Business Phone 2,Home Phone,Mobile Phone,Other Phone,Anniversary,Birthday,Ca"
    "tegories,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,Gender,Gove"
    "rnment ID Number,Notes,Spouse,Web Page\n"
    "Dr,Ada,May,Birch,,Birch Ltd,Sales,Owner,1 High St,Leeds,LS1 1AA,2 Low St,York,020 79"
    "46 0999,020 7946 0555,,020 7946 0556,07400 900222,,1/2/2001,4/23/1975,VIP;Cruise,ada"
    "@example.org,SMTP,Ada Birch (ada@example.org),ada2@example.org,Female,AB123456C,Wind"
    "ow seat,Tom,www.example.org\n"
)
PERSIAN_CRM = (
    "شماره مشتری,عنوان,نام,نام خانوادگی,نام شرکت,سمت,تلفن همراه,تلفن منزل,تلفن محل کار,فک"
    "س,ایمیل,کد ملی,تاریخ تولد,استان,شهر,آدرس,گروه هویت,نحوه آشنایی,کارشناس فروش,تاریخ ای"
    "جاد,تاریخ آخرین تغییر,توضیحات,عدم ارسال پیامک\n"
    "1001,سرکار خانم,لاله,کریمی,شرکت راه نو,مدیر,۰۹۱۲۳۴۵۶۷۸۹,۰۲۱۲۲۳۳۴۴۵۵,,,laleh@example."
    "ir,0012345679,1365/02/03,تهران,تهران,خ ولیعصر,طلایی,معرفی,سارا,1402/01/05,1403/02/03"
    ",صندلی پنجره,بله\n"
)
PERSIAN_SALES = (
    "شناسه,نام کامل,عنوان شغلی,نام سازمان,موبایل,تلفن ثابت,تلفن دیگر,ایمیل,تاریخ ثبت,ایجا"
    "د کننده,ارجاع به,شرح,وضعیت,منبع سرنخ,تماس نگیرید\n"
    "۱,خانم لاله کریمی,مدیر فروش,راه نو,09123456789,02122334455,,laleh@example.ir,1402/01"
    "/05,مدیر سیستم,سارا,صندلی پنجره,فعال,وب سایت,بله\n"
)


def refusals(draft: CustomerDraft) -> set[str]:
    return {channel for channel, consent in draft.consents.items() if not consent.given}


def test_an_espocrm_export_keeps_jobs_and_addresses_and_the_opt_out() -> None:
    fields, [jane, tom], _ = read(ESPOCRM, LONDON)
    assert (fields["Salutation"], fields["Title"]) == (Field.TITLE, Field.NOTES)
    assert fields["Assigned User"] is Field.OWNER
    assert (jane.company, jane.title, refusals(jane)) == ("Holloway Ltd", Title.MS, {"phone"})
    assert "Title: Director" in jane.notes
    assert numbers(jane) == ["+447400900301"]
    assert (numbers(tom), refusals(tom), tom.trips) == (["+447400900302"], set(), ())


def test_a_suitecrm_export_takes_no_fax_and_no_flag_for_a_number_or_an_address() -> None:
    _, [maria], problems = read(SUITECRM, ATHENS)
    assert numbers(maria) == ["+302106001122", "+306971112222", "+302106001123"]
    assert (maria.emails, maria.city, refusals(maria)) == (("m@example.gr",), "Patra", {"offers"})
    assert "Fax: 2106009999" in maria.notes
    assert (maria.birthday, maria.trips) == (date(1980, 5, 6), ())
    assert "1 Invalid Email unknown_column" in problems


def test_a_zoho_export_has_tags_and_the_opt_out_and_no_trip_of_its_times() -> None:
    _, [ada], _ = read(ZOHO, LONDON)
    assert (ada.tags, refusals(ada), ada.trips, ada.title) == (("VIP",), {"email"}, (), Title.MS)
    assert numbers(ada) == ["+442079460555", "+447400900222", "+442079460556"]


def test_a_hubspot_export_reads_a_non_marketing_contact_as_no_and_reports_the_lead_status() -> None:
    _, [ada], problems = read(HUBSPOT, LONDON)
    assert (refusals(ada), ada.trips) == ({"offers", "email"}, ())
    assert "1 Lead Status unknown_column" in problems
    assert "1 Create Date unknown_column" in problems


def test_google_contacts_before_2024_have_the_given_name_once_and_their_own_tags_only() -> None:
    _, [ada], _ = read(GOOGLE_BEFORE_2024, LONDON)
    assert [(name.given, name.family) for name in ada.names.values()] == [("Ada", "Birch")]
    assert (ada.tags, ada.company, ada.title) == (("VIP",), "Birch Ltd", Title.DR)
    assert numbers(ada) == ["+447400900222", "+442079460555"]
    assert "Organization 1 - Title: Owner" in ada.notes


def test_an_outlook_export_keeps_both_cities_and_takes_kinds_of_addresses_for_none() -> None:
    _, [ada], problems = read(OUTLOOK, LONDON)
    assert ada.emails == ("ada@example.org", "ada2@example.org")
    assert (ada.city, ada.tags, ada.birthday) == ("Leeds", ("VIP", "Cruise"), date(1975, 4, 23))
    assert "Home City: York" in ada.notes
    assert "Middle Name: May" in ada.notes
    assert "AB123456C" not in ada.notes
    assert "1 Government ID Number unknown_column" in problems
    assert numbers(ada) == ["+442079460555", "+442079460556", "+447400900222"]


def test_a_persian_crm_export_has_the_code_the_opt_out_and_no_trip_of_its_days() -> None:
    _, [laleh], _ = read(PERSIAN_CRM, TEHRAN)
    assert (laleh.code, refusals(laleh), laleh.trips) == ("1001", {"sms"}, ())
    assert (laleh.heard_from, laleh.tags, laleh.city) == ("معرفی", ("طلایی",), "تهران")
    assert numbers(laleh) == ["+989123456789", "+982122334455"]


def test_a_persian_sales_export_has_title_source_and_the_opt_out() -> None:
    _, [laleh], problems = read(PERSIAN_SALES, TEHRAN)
    assert [(name.given, name.family) for name in laleh.names.values()] == [("لاله", "کریمی")]
    assert (laleh.heard_from, refusals(laleh), laleh.title) == ("وب سایت", {"phone"}, Title.MS)
    assert "عنوان شغلی: مدیر فروش" in laleh.notes
    assert "صندلی پنجره" in laleh.notes
    assert "1 وضعیت unknown_column" in problems


@pytest.mark.parametrize("heading", ["Contract day", "Κάτι άλλο", "روز مهم", "Signed"])
def test_a_column_of_days_with_an_unknown_heading_never_makes_a_trip(heading: str) -> None:
    fields, [laleh], problems = read(
        f"Name,Phone,{heading}\nLaleh Karimi,0912 345 6789,2024-03-04\n", TEHRAN
    )
    assert fields[heading] is not Field.DEPARTS
    assert laleh.trips == ()
    assert problems == [f"1 {heading} unknown_column"]
