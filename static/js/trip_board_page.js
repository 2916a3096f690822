// The board of trips: a column a state. A trip moves by drag, by its menu, or by Shift and the arrow keys; each change
// names the version it was made on, and a trip that another user changed meanwhile is shown as it is now.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { day, number } from "./date_format.js";
import { page } from "./page_context.js";
import { coded, loadTranslations, t, tn } from "./translations.js";
import { icon, piece, userText } from "./view_helpers.js";

const place = document.getElementById("trips");
const status = document.getElementById("trips-status");
const users = JSON.parse(place.dataset.users);
const edits = place.dataset.edits === "yes";
const isRtl = document.documentElement.dir === "rtl";

const address = new URLSearchParams(location.search);
const filter = { owner: address.get("owner") ?? "", stuck: address.get("stuck") === "true" };
let columns = [];
let failed = "";
let dragged = null;
const problems = new Map(); // trip id -> sentence

const query = (more = {}) => new URLSearchParams({
  ...(filter.owner ? { owner: filter.owner } : {}), ...(filter.stuck ? { stuck: "true" } : {}), ...more,
});

async function load() {
  try {
    const answer = await fetch(`/api/v1/trip-board?${query()}`);
    if (!answer.ok) throw new Error(String(answer.status));
    columns = (await answer.json()).columns;
    failed = "";
  } catch {
    failed = t("The list cannot be read now. It is tried again.");
  }
  show();
}

async function more(column) {
  const answer = await fetch(`/api/v1/trip-board/${column.status}?${query({ after: column.next_cursor })}`);
  if (!answer.ok) return;
  const found = await answer.json();
  const known = new Set(column.trips.map(({ id }) => id));
  column.trips = [...column.trips, ...found.trips.filter(({ id }) => !known.has(id))];
  column.next_cursor = found.next_cursor;
  show();
}

function choose(changed) {
  Object.assign(filter, changed);
  problems.clear();
  history.replaceState(null, "", `?${query()}`);
  return load();
}

// Put a trip into the column of its state, first in its column, as it is on the server.
function settle(trip) {
  for (const column of columns) {
    const at = column.trips.findIndex(({ id }) => id === trip.id);
    if (column.status === trip.status && at >= 0) column.trips[at] = trip;
    else if (at >= 0) {
      column.trips.splice(at, 1);
      column.count -= 1;
    } else if (column.status === trip.status) {
      column.trips.unshift(trip);
      column.count += 1;
    }
  }
}

async function send(trip, what, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1/trip-board/trips/${trip.id}/${what}`, {
      method: "POST", body: JSON.stringify({ ...body, version: trip.version }),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
    });
  } catch {
    answer = null;
  }
  const found = await answer?.json().catch(() => null);
  if (found?.trip) settle(found.trip);
  if (answer?.ok) problems.delete(trip.id);
  else problems.set(trip.id, answer?.status === 409 ? t("Changed by another user meanwhile. This is the trip as it is now.") : t("This was not saved. Try again."));
  show();
  return answer?.ok ?? false;
}

async function move(trip, to, keepsFocus = true) {
  if (to === trip.status) return;
  const moved = await send(trip, "move", { to });
  const name = `${trip.destination || t("No destination")}, ${trip.customer.name}`;
  status.textContent = moved ? `${name}: ${coded("trip_status", to)}` : problems.get(trip.id);
  if (keepsFocus) cardOf(trip.id)?.focus();
}

const cardOf = (id) => place.querySelector(`[data-trip="${id}"]`);
const states = () => columns.map((column) => column.status);

function onKey(event, trip) {
  if (event.target !== event.currentTarget) return;
  const forward = isRtl ? "ArrowLeft" : "ArrowRight";
  const back = isRtl ? "ArrowRight" : "ArrowLeft";
  const step = { [forward]: 1, [back]: -1 }[event.key];
  const along = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && event.shiftKey && edits) {
    const to = states()[states().indexOf(trip.status) + step];
    if (to) move(trip, to);
  } else if (step && !event.shiftKey) focusInColumn(trip, step);
  else if (along && !event.shiftKey) {
    const cards = [...event.currentTarget.parentElement.querySelectorAll("[data-trip]")];
    cards[cards.indexOf(event.currentTarget) + along]?.focus();
  } else return;
  event.preventDefault();
}

// The first trip of the next column that has any.
function focusInColumn(trip, step) {
  let at = states().indexOf(trip.status) + step;
  while (columns[at] && !columns[at].trips.length) at += step;
  if (columns[at]) cardOf(columns[at].trips[0].id)?.focus();
}

const drop = (column) => (event) => {
  event.preventDefault();
  delete event.currentTarget.dataset.over;
  if (dragged && edits) move(dragged, column.status, false);
  dragged = null;
};

function columnView(column) {
  const title = `column-${column.status}`;
  return html`<section class="trip-column" data-status=${column.status} aria-labelledby=${title}
      @dragover=${(event) => {
        if (!dragged) return;
        event.preventDefault();
        event.currentTarget.dataset.over = "yes";
      }}
      @dragleave=${(event) => delete event.currentTarget.dataset.over} @drop=${drop(column)}>
    <h2 class="box-title" id=${title}>${coded("trip_status", column.status)} <span class="count">${number(column.count)}${column.has_more ? "+" : ""}</span></h2>
    ${column.trips.length ? html`<ul class="trip-cards">${repeat(column.trips, ({ id }) => id, cardView)}</ul>` : html`<p class="calm">${t("No trips here.")}</p>`}
    ${column.next_cursor ? html`<button type="button" class="small quiet" @click=${() => more(column)}>${t("More")}<span class="unseen"> ${coded("trip_status", column.status)}</span></button>` : nothing}
  </section>`;
}

function cardView(trip) {
  const name = `${trip.destination || t("No destination")}, ${trip.customer.name}`;
  const problem = problems.get(trip.id);
  return html`<li class="box trip-card" tabindex="0" data-trip=${trip.id} data-stuck=${trip.stuck.length ? "yes" : "no"} draggable=${edits ? "true" : "false"} aria-label=${name}
      @keydown=${(event) => onKey(event, trip)} @dragstart=${(event) => {
        dragged = trip;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", name);
      }} @dragend=${() => (dragged = null)}>
    <p class="trip-head"><b>${trip.destination ? userText(trip.destination) : t("No destination")}</b>${trip.departs ? html`<span class="meta">${piece(day(trip.departs))}</span>` : nothing}</p>
    <p class="trip-who"><a href="/customers/${trip.customer.id}#trips">${userText(trip.customer.name)}</a> <span class="soft">${tn("%(num)s person", "%(num)s people", trip.people)}${trip.owner ? html` · ${userText(trip.owner.name)}` : nothing}</span></p>
    ${trip.stuck.map((reason) => html`<p class="trip-stuck">${icon("alert")}<span>${reason === "days_in_state" ? tn("%(num)s day in this state", "%(num)s days in this state", trip.days) : coded("stuck", reason)}</span></p>`)}
    ${trip.status === "travelled" ? nothing : html`<ul class="trip-checks" aria-label=${t("Checklist")}>${trip.checklist.map((one) => checkView(trip, one))}</ul>`}
    ${edits ? html`<p class="trip-acts"><select aria-label="${t("State")}: ${name}" @change=${(event) => move(trip, event.target.value, false)}>
        ${states().map((one) => html`<option value=${one} .selected=${one === trip.status}>${coded("trip_status", one)}</option>`)}</select>
      <select aria-label="${t("Owner")}: ${name}" @change=${(event) => send(trip, "owner", { user_id: Number(event.target.value) || null })}>
        <option value="" .selected=${!trip.owner}>${t("No owner")}</option>${users.map((user) => html`<option value=${user.id} .selected=${user.id === trip.owner?.id}>${user.name}</option>`)}</select></p>` : nothing}
    ${problem ? html`<p class="problem" role="alert">${icon("alert")}<span>${problem}</span></p>` : nothing}
  </li>`;
}

const checkView = (trip, { item, done, by_hand: byHand }) => html`<li>${byHand && edits
  ? html`<button type="button" class="check" aria-pressed=${done ? "true" : "false"} @click=${() => send(trip, "tick", { item, done: !done })}>${done ? icon("check") : nothing}${coded("check", item)}</button>`
  : html`<span class="check" data-done=${done ? "yes" : "no"}>${done ? icon("check") : nothing}${coded("check", item)}<span class="unseen"> ${done ? t("Done") : t("open")}</span></span>`}</li>`;

function view() {
  return html`<div class="trip-filters">
      <label class="field">${t("Owner")}<select @change=${(event) => choose({ owner: event.target.value })}>
        <option value="" .selected=${!filter.owner}>${t("All trips")}</option>
        ${users.map(({ id, name }) => html`<option value=${id} .selected=${String(id) === filter.owner}>${name}${String(id) === place.dataset.me ? ` (${t("me")})` : ""}</option>`)}
      </select></label>
      <label class="choice"><input type="checkbox" .checked=${filter.stuck} @change=${(event) => choose({ stuck: event.target.checked })}> ${t("Only stuck trips")}</label>
      ${edits ? html`<p class="soft keys-hint">${t("Drag a trip, or move it with Shift and the arrow keys.")}</p>` : nothing}
    </div>
    ${failed ? html`<p class="problem" role="alert">${failed}</p>` : nothing}
    <div class="trip-board" tabindex="0" role="group" aria-label=${t("Trips")}>${columns.map(columnView)}</div>`;
}

function show() {
  render(view(), place);
}

await loadTranslations(show);
await load();
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !dragged && load());
