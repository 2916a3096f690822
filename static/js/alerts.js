// What matters today, as chips: a picture, and one short sentence with its heart in bold.
import { html } from "../vendor/lit-html/lit-html.js";
import { figure, icon, piece, strong, userText } from "./view_helpers.js";
import { day, inDays, money, month, number, weekday } from "./date_format.js";
import { coded, has, parts, t, tn } from "./translations.js";

const ICONS = {
  departs_in: "plane", travelling: "plane", just_returned: "suitcase", balance_due: "wallet",
  visa: "passport", birthday_in: "cake", anniversary_in: "heart", case_open: "alert", household_case: "home", promised: "promise", silent_for: "quiet",
  cheque_returned: "wallet", payment_overdue: "wallet", payment_due: "wallet",
};

export function party(adults, children) {
  const grown = adults ? tn("%(num)s adult", "%(num)s adults", adults) : "";
  const small = children ? tn("%(num)s child", "%(num)s children", children) : "";
  return [grown, small].filter(Boolean).join(t("list.and"));
}

const DOCUMENTS = [
  "passport_before_trip", "passport_in_trip", "passport_short", "passport_expired", "passport_expires",
  "visa_before_trip", "visa_in_trip", "visa_after_departure",
];

const place = (params) => strong(userText(params.destination ?? ""));

const FILLED = {
  departs_in: (p) => ({
    destination: place(p), when: strong(inDays(p.days)), party: party(p.adults, p.children),
  }),
  travelling: (p) => ({ destination: place(p), date: p.returns ? piece(day(p.returns)) : "" }),
  just_returned: (p) => ({ destination: place(p), when: inDays(-p.days) }),
  balance_due: (p) => ({ amount: strong(piece(money(p.amount, p.currency))) }),
  ...Object.fromEntries(["cheque_returned", "payment_overdue", "payment_due"].map((code) => [code, (p) => ({
    amount: strong(piece(money(p.amount, p.currency))), when: strong(inDays(p.days)), date: p.date ? piece(day(p.date)) : "",
  })])),
  visa: (p) => ({ destination: userText(p.destination), state: strong(coded("visa", p.state)) }),
  birthday_in: (p) => ({ when: strong(p.days > 1 && p.days < 7 && p.date ? weekday(p.date) : inDays(p.days)) }),
  anniversary_in: (p) => ({ when: strong(p.days > 1 && p.days < 7 && p.date ? weekday(p.date) : inDays(p.days)) }),
  case_open: (p) => ({
    kind: strong(coded("case", p.kind)), subject: userText(p.subject), since: p.since ? piece(day(p.since)) : "",
  }),
  household_case: (p) => ({
    kind: strong(coded("case", p.kind)), subject: userText(p.subject), name: userText(p.name ?? ""), since: p.since ? piece(day(p.since)) : "",
  }),
  promised: (p) => ({ by: strong(userText(p.by)), date: p.date ? piece(day(p.date)) : "" }),
  ...Object.fromEntries(DOCUMENTS.map((code) => [code, (p) => ({
    destination: place(p), date: p.date ? piece(day(p.date)) : "",
    days: strong(tn("%(num)s day", "%(num)s days", p.days)), when: strong(inDays(p.days)),
    months: strong(tn("%(num)s month", "%(num)s months", p.months ?? 0)),
  })])),
  silent_for: (p) => ({ months: strong(tn("%(num)s month", "%(num)s months", p.months)) }),
};

export function chips(things, most = things.length) {
  const leadsTo = things.find((one) => one.code === "departs_in")?.params.destination;
  return html`<ul class="chips" aria-label=${t("Now")}>${things.slice(0, most).map((one) => chip(one, leadsTo))}</ul>`;
}

function chip({ code, params, tone }, leadsTo) {
  return html`<li class="chip ${tone}">${icon(ICONS[code] ?? (DOCUMENTS.includes(code) ? "passport" : "idea"), code === "departs_in" ? "turns" : "")}<span>${sentence(code, params, leadsTo)}</span></li>`;
}

// What the chip before has shown already is not repeated.
function variantOf(code, params, leadsTo) {
  if (code === "travelling" && !params.returns) return "travelling_open";
  if (code === "promised" && !params.by) return "promised_plain";
  if (code === "passport_expires" && !params.months) return "passport_expires_soon";
  if (code.startsWith("payment_") && params.method === "cheque") return code.replace("payment_", "cheque_");
  if (code === "visa" && params.destination === leadsTo) return "visa_short";
  return code;
}

function sentence(code, params, leadsTo) {
  const variant = variantOf(code, params, leadsTo);
  if (!has(`now.${variant}`) || !FILLED[code]) return coded("now", code);
  return parts(`now.${variant}`, FILLED[code](params));
}

// A reason of an offer: the same care for days, amounts and places.
export function reasonSentence(reason) {
  if (!has(`offer_reason.${reason.code}`)) return coded("offer_reason", reason.code);
  const filled = Object.fromEntries(
    Object.entries(reason.params).map(([name, value]) => [name, filledParam(name, value, reason.params)]),
  );
  return parts(`offer_reason.${reason.code}`, {
    ...filled,
    when: typeof reason.params.days === "number"
      ? inDays(reason.code === "just_returned" ? -reason.params.days : reason.params.days) : "",
  });
}

const PLURALS = {
  days: ["%(num)s day", "%(num)s days"],
  months: ["%(num)s month", "%(num)s months"],
  years: ["%(num)s year", "%(num)s years"],
  trips: ["%(num)s trip", "%(num)s trips"],
  times: ["%(num)s time", "%(num)s times"],
  children: ["%(num)s child", "%(num)s children"],
  adults: ["%(num)s adult", "%(num)s adults"],
};
const CODED = { tier: "tier", kind: "case", product: "product", state: "visa" };

function filledParam(name, value, params) {
  if (PLURALS[name] && typeof value === "number") return tn(...PLURALS[name], value);
  if (CODED[name]) return coded(CODED[name], String(value));
  if (name === "amount") return piece(money(Number(value), params.currency ?? ""));
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value)) return name === "month" ? month(value) : piece(day(value));
  return typeof value === "number" ? figure(number(value)) : userText(value);
}
