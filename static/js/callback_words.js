// Callbacks in words: why a caller has this place, what was missed, who has them.
import { day, inDays, length, shortMomentWithTime } from "./date_format.js";
import { coded, has, parts, t, tn } from "./translations.js";
import { userText } from "./view_helpers.js";

const DAY_S = 86_400;

// From two days on, hours say nothing.
export const waited = (seconds) => (seconds >= 2 * DAY_S
  ? tn("%(num)s day", "%(num)s days", Math.floor(seconds / DAY_S)) : length(seconds));

const REASONS = {
  promise: ({ date, promise }) => t(promise ? "callback_reason.promise" : "callback_reason.promise_plain", { date: day(date), promise }),
  on_trip: ({ destination }) => t(destination ? "callback_reason.on_trip" : "callback_reason.on_trip_plain", { destination }),
  trip_soon: ({ days, destination }) =>
    t(destination ? "callback_reason.trip_soon" : "callback_reason.trip_soon_plain", { when: inDays(days), destination }),
  vip: () => t("VIP"),
  tier: ({ tier }) => coded("tier", tier),
  waiting: (_params, firstAt, now) => t("callback_reason.waiting", { length: waited(now - firstAt) }),
};

export const reasonWords = ({ reasons, first_at: firstAt }, now) =>
  reasons.map(({ code, params }) => REASONS[code]?.(params, firstAt, now) ?? code);

export const takenWords = (taken) => (taken.name
  ? parts("%(name)s is on it (%(time)s)", { name: userText(taken.name), time: shortMomentWithTime(taken.at) })
  : t("Taken by a colleague"));

// One plain sentence with the remedy.
export function callbackProblem({ code, taken }) {
  const key = `callback_problem.${code}`;
  return t(has(key) ? key : "callback_problem.unknown", { name: taken?.name || t("A colleague") });
}
