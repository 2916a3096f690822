// A customer's own rhythm in one sentence, with the months of the page's calendar.
import { month, monthName, yearOf } from "./date_format.js";
import { t, tn } from "./translations.js";

const months = (count) => tn("%(num)s month", "%(num)s months", count);

export function rhythmSentence({ kind, months: between, last, due, lapsed, ago }) {
  if (kind === "season") {
    const params = { month: monthName(due), last: month(last) };
    if (!lapsed) return t("rhythm.season", params);
    return t(yearOf(due) === yearOf(today()) ? "rhythm.season_missed" : "rhythm.season_long", params);
  }
  const params = { months: months(between), ago: months(ago) };
  return t(ago ? "rhythm.interval_last" : "rhythm.interval", params);
}

const today = () => new Date().toISOString();
