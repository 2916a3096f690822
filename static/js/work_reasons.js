// Why a customer is on a work list, and what to say to them, in the page's language and calendar.
import { day, inDays, money } from "./date_format.js";
import { rhythmSentence } from "./rhythm.js";
import { t } from "./translations.js";

const monthsSince = (iso) => {
  const [then, now] = [new Date(`${iso}T00:00:00Z`), new Date()];
  const months = (now.getUTCFullYear() - then.getUTCFullYear()) * 12 + now.getUTCMonth() - then.getUTCMonth();
  return Math.max(0, months - (now.getUTCDate() < then.getUTCDate() ? 1 : 0));
};

const REASONS = {
  promise: (p) => t(p.promise ? "work_reason.promise" : "work_reason.promise_plain", { date: day(p.date), promise: p.promise }),
  unhappy: (p) => (p.closed
    ? t("work_reason.unhappy_case", { date: day(p.closed), case: p.case })
    : t("work_reason.unhappy_trip", { destination: p.destination, rating: new Intl.NumberFormat(document.documentElement.lang).format(p.rating) })),
  payment: (p) => t(`work_reason.${p.problem}`, {
    amount: money(p.amount, p.currency), destination: p.destination,
    date: p.date ? day(p.date) : "", when: p.date ? inDays(daysUntil(p.date)) : "",
  }),
  balance: (p) => t("work_reason.balance", { amount: money(p.amount, p.currency), destination: p.destination, when: inDays(p.days) }),
  document: (p) => t("work_reason.document", { problem: t(`work_document.${p.problem}`, { date: day(p.ends) }), destination: p.destination, when: inDays(daysUntil(p.departs)) }),
  returned: (p) => t("work_reason.returned", { destination: p.destination, when: inDays(-p.days) }),
  quote: (p) => t(p.departs ? "work_reason.quote_departs" : "work_reason.quote", { destination: p.destination, date: p.departs ? day(p.departs) : "" }),
  birthday: (p) => t("work_reason.birthday", { when: inDays(daysUntil(p.date)) }),
  anniversary: (p) => t("work_reason.anniversary", { when: inDays(daysUntil(p.date)) }),
  referrer: (p) => t("work_reason.referrer", { name: p.name }),
  call_list: (p) => t("work_reason.call_list", { segment: p.segment }),
  lapsed: (p) => rhythmSentence({ ...p, lapsed: true, ago: monthsSince(p.last) }),
};

function daysUntil(iso) {
  const now = new Date();
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / 86_400_000);
}

export const reasonOf = ({ kind, params }) => REASONS[kind]?.(params) ?? kind;

export const wordsFor = ({ kind, params, customer }) =>
  t(`work_say.${kind}`, { salutation: customer.salutation || customer.name, destination: params.destination ?? "" });
