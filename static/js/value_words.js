// What a customer is worth and how likely they are to come back, in words; numbers in the reader's own digits.
import { decimal, monthName, number, percent } from "./date_format.js";
import { coded, t, tn } from "./translations.js";

const WITH_MONTH = new Set(["likely", "possible", "unlikely"]);

// "Likely to book again within three months, usually in March"; empty where no chance is known.
export function chanceSentence({ chance, rhythm, due }) {
  if (chance === "none") return "";
  if (rhythm === "season" && due && WITH_MONTH.has(chance)) return t(`chance.${chance}_in`, { month: monthName(due) });
  return t(`chance.${chance}`);
}

export const nextTierWords = ({ tier, trips }) =>
  tn("%(num)s trip to %(tier)s", "%(num)s trips to %(tier)s", trips, { tier: coded("tier", tier) });

export const pointsWords = ({ balance, called }) =>
  called === "stamps"
    ? tn("%(num)s stamp", "%(num)s stamps", balance)
    : tn("%(num)s point", "%(num)s points", balance);

// Pages from the server.
export function writeValues(root = document) {
  const write = (selector, words) => {
    for (const place of root.querySelectorAll(`[${selector}]:empty`)) place.textContent = words(place);
  };
  write("data-chance", (place) => chanceSentence(JSON.parse(place.dataset.chance)));
  write("data-next-tier", (place) => nextTierWords(JSON.parse(place.dataset.nextTier)));
  write("data-percent", (place) => percent(Number(place.dataset.percent), Number(place.dataset.digits ?? 0)));
  write("data-decimal", (place) => decimal(Number(place.dataset.decimal), Number(place.dataset.digits ?? 4)));
  write("data-customers", (place) => tn("%(num)s customer", "%(num)s customers", Number(place.dataset.customers)));
  write("data-count", (place) => number(Number(place.dataset.count)));
}
