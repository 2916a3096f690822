// Pages from the server: writes moments, days, amounts, lengths and languages in the reader's own calendar.
import { writeCounts } from "./localized_numbers.js";
import * as dates from "./date_format.js";
import { loadTranslations } from "./translations.js";

const SHOWS = {
  dateAndTime: dates.dateAndTime,
  shortMoment: dates.shortMoment,
  shortMomentWithTime: dates.shortMomentWithTime,
  timeWithSeconds: dates.timeWithSeconds,
};

function write(root) {
  for (const place of root.querySelectorAll("time[data-moment]:empty")) {
    const seconds = Number(place.dataset.moment);
    place.dateTime = new Date(seconds * 1000).toISOString();
    place.textContent = SHOWS[place.dataset.show]?.(seconds) ?? dates.dateAndTime(seconds);
  }
  for (const place of root.querySelectorAll("time[data-day]:empty")) {
    place.textContent = place.dataset.show === "month" ? dates.month(place.dataset.day) : dates.day(place.dataset.day);
  }
  for (const place of root.querySelectorAll("[data-amount]:empty")) {
    place.textContent = dates.money(Number(place.dataset.amount), place.dataset.currency);
  }
  for (const place of root.querySelectorAll("[data-length]:empty")) {
    place.textContent = dates.length(Number(place.dataset.length));
  }
  for (const place of root.querySelectorAll("[data-country]")) {
    const name = dates.country(place.dataset.country);
    if (name && place.textContent !== name) place.textContent = name;
  }
  writeCounts(root);
  for (const place of root.querySelectorAll("[data-language]")) {
    const name = dates.languageName(place.dataset.language);
    if (place.textContent !== name) place.textContent = name;
  }
}

await loadTranslations();
write(document);
// htmx brings new rows.
new MutationObserver(() => write(document)).observe(document.getElementById("main"), { childList: true, subtree: true });
