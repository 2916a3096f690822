// A customer's file: amounts and days without a year, in the reader's own language.
import { dayWithoutYear, money, number } from "./date_format.js";
import { rhythmSentence } from "./rhythm.js";
import { loadTranslations } from "./translations.js";
import { writeValues } from "./value_words.js";

await loadTranslations();
if (document.querySelector("message-form")) await import("./message_form.js");
for (const place of document.querySelectorAll("[data-amount]:empty")) {
  place.textContent = money(Number(place.dataset.amount), place.dataset.currency);
}
for (const place of document.querySelectorAll("[data-count]:empty")) place.textContent = number(Number(place.dataset.count));
for (const place of document.querySelectorAll("[data-yearless]:empty")) {
  place.textContent = dayWithoutYear(place.dataset.yearless);
}
for (const place of document.querySelectorAll("[data-rhythm]:empty")) {
  place.textContent = rhythmSentence(JSON.parse(place.dataset.rhythm));
}
writeValues();
