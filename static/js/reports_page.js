// Figures of reports in the reader's own digits, units and weekdays.
import { day, duration, hour, month, number, weekday, yearOf } from "./date_format.js";
import { loadTranslations } from "./translations.js";
import { writeValues } from "./value_words.js";

const MONDAY = Date.UTC(2024, 0, 1); // any Monday
const DAY_MS = 86_400_000;

const write = (name, words) => {
  for (const place of document.querySelectorAll(`[data-${name}]:empty`)) place.textContent = words(place.dataset);
};

await loadTranslations();
writeValues();
write("seconds", ({ seconds }) => duration(Number(seconds)));
write("hour", ({ hour: value, short }) => (short === undefined ? hour(Number(value)) : number(Number(value))));
write("year", ({ year }) => yearOf(year));
write("weekday", ({ weekday: value }) => weekday(new Date(MONDAY + Number(value) * DAY_MS).toISOString()));
write("month", ({ month: value }) => `\u2068${month(value)}\u2069`);
// Pictures run from left to right; a Persian date in them keeps its own direction.
for (const place of document.querySelectorAll("text[data-day]:empty")) place.textContent = `\u2068${day(place.dataset.day)}\u2069`;
