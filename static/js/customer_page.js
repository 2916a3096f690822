// A customer's file: amounts and days without a year, in the reader's own language.
import { money, number } from "./date_format.js";
import { page } from "./page_context.js";
import { loadTranslations } from "./translations.js";

const LOCALES = { en: "en-GB", fa: "fa-IR", el: "el-GR" };

await loadTranslations();
for (const place of document.querySelectorAll("[data-amount]:empty")) {
  place.textContent = money(Number(place.dataset.amount), place.dataset.currency);
}
for (const place of document.querySelectorAll("[data-count]:empty")) place.textContent = number(Number(place.dataset.count));
const yearless = new Intl.DateTimeFormat(LOCALES[page.lang] ?? "en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
for (const place of document.querySelectorAll("[data-yearless]:empty")) {
  place.textContent = yearless.format(new Date(`${place.dataset.yearless}T00:00:00Z`));
}
// The form arrived: what was kept of it can go.
const sent = sessionStorage.getItem("screenpop.sent");
if (sent?.includes(location.pathname)) {
  localStorage.removeItem(sent);
  sessionStorage.removeItem("screenpop.sent");
} else if (sent?.endsWith("/customers/new")) {
  localStorage.removeItem(sent);
  sessionStorage.removeItem("screenpop.sent");
}
