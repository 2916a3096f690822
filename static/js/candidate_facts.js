// What distinguishes people of one name: the last trip, since when a customer, the file's number when all else is equal.
import { month, number } from "./date_format.js";
import { between, piece, userText } from "./view_helpers.js";
import { t } from "./translations.js";

const mark = ({ name, tier, vip, household, city, last_trip: trip, since, phones }) =>
  JSON.stringify([name, tier, vip, household, city, trip?.destination, trip?.departs?.slice(0, 7), since?.slice(0, 7),
    (phones ?? []).slice(0, 2).map((one) => one.number)]);

// The same people; those that would look alike get `alike`.
export function markedApart(people) {
  const counts = new Map();
  for (const person of people) counts.set(mark(person), (counts.get(mark(person)) ?? 0) + 1);
  return people.map((person) => ({ ...person, alike: counts.get(mark(person)) > 1 }));
}

export function personFacts({ id, city, last_trip: trip, since, alike }) {
  return between([
    city ? userText(city) : "",
    trip ? between([t("Last trip"), userText(trip.destination), piece(month(trip.departs))], " ") : "",
    since ? t("customer since %(since)s", { since: month(since) }) : "",
    alike ? t("File %(number)s", { number: number(id) }) : "",
  ]);
}
