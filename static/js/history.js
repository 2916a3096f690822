// What was before: trips with the next one marked, and the last calls.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { length, money, month, secondsOf, shortMoment } from "./date_format.js";
import { party } from "./alerts.js";
import { between, icon, withLangAttribute, piece, userText } from "./view_helpers.js";
import { rhythmSentence } from "./rhythm.js";
import { coded, parts, t, tn } from "./translations.js";

const MARKED = new Set(["next", "now", "asked", "cancelled"]);

export function tripsView(card) {
  if (!card.trips.length) return card.person ? html`<section><h3>${t("Trips")}</h3><p class="calm">${t("No trips yet")}</p></section>` : nothing;
  return html`<section>
    <h3>${t("Trips")}</h3>
    ${card.rhythm ? html`<p class="rhythm ${card.rhythm.lapsed ? "due" : "soft"}">${icon("clock")} ${rhythmSentence(card.rhythm)}</p>` : nothing}
    <ul class="rows trips">${card.trips.map(trip)}</ul>
    ${card.trips_more ? html`<p class="more">${tn("%(num)s more trip", "%(num)s more trips", card.trips_more)}</p>` : nothing}
  </section>`;
}

function trip(one) {
  const { destination, product, departs, mark } = one;
  return html`<li class=${mark}>
    <span class="row-title">${userText(destination)}<span class="soft">${t("list.comma")}${coded("product", product)}</span>
      ${MARKED.has(mark) ? html`<span class="pill ${mark === "next" || mark === "now" ? "ringing" : ""}">${coded("mark", mark)}</span>` : nothing}</span>
    <span class="meta">${departs ? month(departs) : ""}</span>
    <small>${between([party(one.adults, one.children), paid(one), one.note ? userText(one.note) : "", bookedBy(one)])}</small>
  </li>`;
}

function bookedBy({ booked_by: names }) {
  return names && Object.keys(names).length ? parts("trip.booked_by", { name: withLangAttribute(names) }) : "";
}

// The price of a trip that is over is no news.
function paid({ price, paid: sum, currency, mark }) {
  if (!price || !["next", "now", "asked"].includes(mark)) return "";
  const all = piece(money(price, currency));
  if (sum === null || sum >= price) return all;
  return html`<span class="due">${t("open")} ${piece(money(price - sum, currency))}</span>`;
}

export function callsView(card) {
  if (!card.calls.length) return nothing;
  return html`<section>
    <h3>${t("Recent calls")}</h3>
    <ul class="rows calls">${card.calls.slice(0, 3).map(pastCall)}</ul>
  </section>`;
}

function pastCall({ at, direction, disposition, agent, talk_s: talk, note }) {
  const what = agent ? userText(agent) : coded("disposition", disposition);
  return html`<li>
    <span class="row-title">${icon(direction, "turns")}<span class="unseen">${coded("direction", direction)}</span> ${what}</span>
    <span class="meta">${between([talk ? piece(length(talk)) : "", piece(shortMoment(secondsOf(at)))])}</span>
    ${note ? html`<small>${userText(note)}</small>` : nothing}
  </li>`;
}
