// Days, times and amounts in the page's language. Persian comes with its own calendar and digits.
import { page } from "./page_context.js";
import { t } from "./translations.js";

const LOCALES = { en: "en-GB", fa: "fa-IR", el: "el-GR" };
const locale = LOCALES[page.lang] ?? "en-GB";

const kept = new Map();
function formatter(Kind, options) {
  const key = Kind.name + JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Kind(locale, options));
  return kept.get(key);
}
const date = (options, value) => formatter(Intl.DateTimeFormat, options).format(value);

export const number = (value) => formatter(Intl.NumberFormat, {}).format(value);
export const decimal = (value, digits) =>
  formatter(Intl.NumberFormat, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
export const percent = (share, digits = 0) =>
  formatter(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(share);

// A calendar day ("2026-03-14") has no time zone; read it as UTC and show it as UTC.
const dayOf = (iso) => new Date(`${iso.slice(0, 10)}T00:00:00Z`);
const UTC = { timeZone: "UTC" };

const NO_YEAR = "1904-"; // a birthday without a year
export const day = (iso) => (iso.startsWith(NO_YEAR) ? dayWithoutYear(iso) : date({ dateStyle: "medium", ...UTC }, dayOf(iso)));

// Day and month, in the calendar of the next celebration: Persian days shift against Gregorian ones around leap years.
// 29 February is celebrated on the 28th, as on the server (customers/yearless_days.py).
export function dayWithoutYear(iso, today = new Date()) {
  const floor = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const [, month, dayOfMonth] = iso.slice(0, 10).split("-").map(Number);
  const inYear = (year) => {
    const found = new Date(Date.UTC(year, month - 1, dayOfMonth));
    return found.getUTCMonth() === month - 1 ? found : new Date(Date.UTC(year, month - 1, dayOfMonth - 1));
  };
  const thisYear = inYear(today.getFullYear());
  const next = page.lang !== "fa" ? dayOf(iso) : thisYear.getTime() >= floor ? thisYear : inYear(today.getFullYear() + 1);
  return date({ day: "numeric", month: "long", ...UTC }, next);
}
// Intl puts a Persian year before its month, and a Persian weekday behind its date.
export function month(iso) {
  const options = { month: page.lang === "fa" ? "long" : "short", year: "numeric", ...UTC };
  const found = formatter(Intl.DateTimeFormat, options).formatToParts(dayOf(iso));
  const part = (type) => found.find((one) => one.type === type)?.value ?? "";
  return `${part("month")} ${part("year")}`;
}
// The month alone, as the object of "every". Greek then has the accusative, which Intl does not know.
const GREEK_MONTHS = ["Ιανουάριο", "Φεβρουάριο", "Μάρτιο", "Απρίλιο", "Μάιο", "Ιούνιο", "Ιούλιο", "Αύγουστο", "Σεπτέμβριο",
  "Οκτώβριο", "Νοέμβριο", "Δεκέμβριο"];
export const monthName = (iso) =>
  (page.lang === "el" ? GREEK_MONTHS[dayOf(iso).getUTCMonth()] : date({ month: "long", ...UTC }, dayOf(iso)));
// The year in the page's calendar, as a number to compare.
export const yearOf = (iso) => formatter(Intl.DateTimeFormat, { year: "numeric", ...UTC }).formatToParts(dayOf(iso))
  .find((one) => one.type === "year")?.value;
export const weekday = (iso) => date({ weekday: "long", ...UTC }, dayOf(iso));

// Moments are seconds since 1970, shown in the computer's own time zone.
const at = (seconds) => new Date(seconds * 1000);
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
export const time = (seconds) => date(CLOCK, at(seconds));
export const timeWithSeconds = (seconds) => date({ ...CLOCK, second: "2-digit" }, at(seconds));
export const timeWithMilliseconds = (seconds) =>
  date({ ...CLOCK, second: "2-digit", fractionalSecondDigits: 3 }, at(seconds));
export const dateOfMoment = (seconds) => date({ dateStyle: "medium" }, at(seconds));
export const dateAndTime = (seconds) => `${dateOfMoment(seconds)} ${time(seconds)}`;
export const secondsOf = (iso) => Date.parse(iso) / 1000;

const isToday = (seconds) => at(seconds).toDateString() === new Date().toDateString();

// Whole days from today, in the computer's own time zone; yesterday is -1.
function daysFromToday(seconds) {
  const start = (moment) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((start(at(seconds)) - start(new Date())) / 86_400_000);
}

// "Thu 26 Nov", "پنجشنبه ۵ آذر": a day of this week, which no time of day looks like.
function weekdayAndDay(seconds) {
  const found = formatter(Intl.DateTimeFormat, { weekday: "short", day: "numeric", month: "short" }).formatToParts(at(seconds));
  const part = (type) => found.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")}`;
}

const WEEK = 7;

// "yesterday", the weekday and the day for a week, then the date; the future is written as a date.
function nearDay(seconds) {
  const days = daysFromToday(seconds);
  if (days === -1) return inDays(-1);
  return days < 0 && days > -WEEK ? weekdayAndDay(seconds) : dateOfMoment(seconds);
}

// The time today, else the day.
export const shortMoment = (seconds) => (isToday(seconds) ? time(seconds) : nearDay(seconds));
export const shortMomentWithTime = (seconds) => (isToday(seconds) ? time(seconds) : `${nearDay(seconds)} ${time(seconds)}`);
export const exactMoment = (seconds) =>
  isToday(seconds) ? timeWithSeconds(seconds) : `${dateOfMoment(seconds)} ${timeWithSeconds(seconds)}`;

// "today", "tomorrow", "in 3 days"; past days are negative.
export const inDays = (days) =>
  formatter(Intl.RelativeTimeFormat, { numeric: "auto" }).format(days, "day");

const digits = (value, least = 1) =>
  formatter(Intl.NumberFormat, { minimumIntegerDigits: least, useGrouping: false }).format(value);

const LONG_MIN = 10; // from here on seconds say nothing

// "6 s", "2 min 5 s", "10 min", "1 h 4 min": never a form that a time of day has.
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const parts = hours ? [["h", hours], ["min", minutes]] : minutes >= LONG_MIN ? [["min", minutes]] : [["min", minutes], ["s", rest]];
  const visible = parts.filter(([, count], i) => count || (i === parts.length - 1 && !hours && !minutes));
  return visible.map(([unit, count]) => t(`length.${unit}`, { count: digits(count) })).join(" ");
}

// From milliseconds to hours, as exact as a reader needs: "21 ms", "1.4 s", "38 s".
export function duration(seconds) {
  if (seconds < 0.9995) return t("length.ms", { count: digits(Math.round(seconds * 1000)) });
  return seconds < 9.95 && !Number.isInteger(seconds) ? t("length.s", { count: decimal(seconds, 1) }) : length(Math.round(seconds));
}

// A whole hour of the day: "09:00".
export const hour = (value) => `${formatter(Intl.NumberFormat, { minimumIntegerDigits: 2 }).format(value)}:${formatter(Intl.NumberFormat, { minimumIntegerDigits: 2 }).format(0)}`;

// Toman is what people say; it has no ISO code.
export function money(amount, currency) {
  if (currency === "IRT" || currency === "IRR") return t(`currency.${currency}`, { amount: number(amount) });
  if (!/^[A-Z]{3}$/.test(currency)) return `${number(amount)} ${currency}`.trim();
  const digits = Number.isInteger(Number(amount)) ? 0 : 2;
  return formatter(Intl.NumberFormat, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount);
}

export function country(region) {
  if (!/^[A-Z]{2}$/.test(region ?? "")) return "";
  return formatter(Intl.DisplayNames, { type: "region", fallback: "none" }).of(region) ?? "";
}

export const languageName = (code) => formatter(Intl.DisplayNames, { type: "language" }).of(code);

// Which greeting fits now.
export function partOfDay(hour = new Date().getHours()) {
  if (hour >= 5 && hour < 12) return "morning";
  if (hour >= 12 && hour < 14) return "noon";
  if (hour >= 14 && hour < 18) return "afternoon";
  return "evening";
}
