// Callbacks: callers that were missed, the most urgent first, one row a person. A light request every two seconds, and at
// once when a colleague takes a row, keeps them as they are on the server. What was typed stays in its row.
import "./announce_dial.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { callbackProblem, reasonWords, takenWords, waited } from "./callback_words.js";
import { now } from "./clock.js";
import { number, shortMomentWithTime, time } from "./date_format.js";
import { listenForListKeys } from "./list_keys.js";
import { page } from "./page_context.js";
import { Line } from "./socket.js";
import { coded, loadTranslations, t, tn } from "./translations.js";
import { between, dial, figure, icon, phone, piece, userText } from "./view_helpers.js";

const POLL_MS = 2_000;
const RELOAD_S = 60; // ranks change with the day
const MOST_FOLLOWED = 200;
const VIEWS = ["all", "free", "mine"];

const place = document.getElementById("callbacks");
const status = document.getElementById("callbacks-status");
const users = JSON.parse(place.dataset.users);
const supervises = place.dataset.supervises === "yes";
const userId = Number(place.dataset.user);

const address = new URLSearchParams(location.search);
let whose = VIEWS.includes(address.get("whose")) ? address.get("whose") : "all";
let rows = [];
let total = 0;
let cursor = null;
let today = null;
let failed = "";
let stale = false; // there are new callers, but the keyboard is in the list
let loadedAt = 0;
let newestAt = null;
const notes = new Map(); // row id -> { asks, problem, done: action or "gone" }

const rowOf = (id) => place.querySelector(`[data-row="${id}"]`);
const noteOf = (id) => notes.get(id) ?? {};
const typedIn = (id) => rowOf(id)?.querySelector("textarea")?.value.trim() ?? "";
const isInUse = (id) => Boolean(rowOf(id)?.contains(document.activeElement)) || typedIn(id) !== "";

async function read(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function load(more = false) {
  try {
    const query = new URLSearchParams({ whose, ...(more && cursor ? { after: cursor } : {}) });
    const found = await read(`/api/v1/callbacks?${query}`);
    const kept = more ? rows : rows.filter((row) => noteOf(row.id).done || isInUse(row.id));
    const fresh = found.rows.filter((row) => more ? !kept.some(({ id }) => id === row.id) : true);
    rows = more ? [...rows, ...fresh] : withKept(found.rows, kept);
    ({ total, today, next_cursor: cursor } = found);
    [failed, stale] = ["", false];
  } catch {
    failed = t("The list cannot be read now. It is tried again.");
  }
  loadedAt = Date.now();
  show();
}

// Rows in use stay where the eye has them, also when they are on the list no more.
function withKept(fresh, kept) {
  const left = kept.filter((row) => !fresh.some(({ id }) => id === row.id));
  const found = [...fresh];
  for (const row of left) found.splice(Math.min(rows.indexOf(row), found.length), 0, row);
  return found;
}

async function choose(next) {
  whose = next;
  notes.clear();
  rows = [];
  history.replaceState(null, "", `?${new URLSearchParams({ whose })}`);
  await load();
  place.querySelector("[aria-current=true]")?.focus();
}

function view() {
  return html`<div class="callback-head">
    <ul class="work-lists" aria-label=${t("Show")}>${VIEWS.map((one) => html`<li>
      <button type="button" aria-current=${one === whose ? "true" : "false"} @click=${() => choose(one)}>${coded("callback_view", one)}
        ${one === whose ? html`<span class="count">${number(total)}</span>` : nothing}</button></li>`)}</ul>
    ${today ? html`<p class="callback-today">${todayWords()}</p>` : nothing}</div>
    ${failed ? html`<p class="problem" role="alert">${failed}</p>` : nothing}
    ${stale ? html`<p><button type="button" class="small" @click=${() => load()}>${icon("missed")}${t("Show new callers")}</button></p>` : nothing}
    ${rows.length ? html`<ul class="work-rows">${repeat(rows, ({ id }) => id, rowView)}</ul>`
      : failed ? nothing : html`<p class="box table-empty">${t("Every caller has been called back.")}</p>`}
    ${cursor ? html`<p class="paging"><button type="button" @click=${() => load(true)}>${t("More")}</button></p>` : nothing}`;
}

const todayWords = () => between([
  tn("%(num)s caller reached today", "%(num)s callers reached today", today.reached),
  today.median_s === null ? "" : html`${t("median wait")} ${piece(waited(today.median_s))}`,
]);

function rowView(row) {
  const note = noteOf(row.id);
  const { customer, taken } = row;
  return html`<li class="box work-row" data-row=${row.id} data-state=${note.done ? "closed" : taken && taken.id !== userId ? "taken" : "open"}>
    <div><div class="work-name"><h2>${customer ? html`<a href="/customers/${customer.id}">${userText(customer.name)}</a>` : strangerView(row)}</h2>
      ${customer?.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
      ${customer && customer.tier !== "none" ? html`<span class="pill ${customer.tier}">${icon("star")}${coded("tier", customer.tier)}</span>` : nothing}
      ${taken ? html`<span class="pill ${taken.id === userId ? "good" : "warn"}">${icon("person")}<span>${taken.id === userId ? t("You are on it") : takenWords(taken)}</span></span>` : nothing}</div>
    <p class="work-why">${between(reasonWords(row, now()).map((words) => html`<bdi>${words}</bdi>`))}</p>
    ${note.done ? nothing : html`${attemptsView(row)}${row.problem ? html`<p class="work-quiet">${icon("withheld")}<span>${coded("callback_number", row.problem)}</span></p>` : nothing}
      ${row.quiet ? html`<p class="work-quiet">${icon("clock")}<span>${quietWords(row.quiet)}</span></p>` : nothing}`}</div>
    ${note.done ? doneView(row, note.done) : actsView(row)}
    ${note.asks && note.done !== "done" ? askView(row, note.done) : nothing}
    ${note.problem ? html`<p class="problem work-problem" role="alert">${icon("alert")}<span>${note.problem}</span></p>` : nothing}</li>`;
}

function strangerView({ caller, numbers }) {
  if (caller.withheld) return t("Number withheld");
  const name = caller.name ? html` <small>${userText(caller.name)}</small>` : nothing;
  const shown = numbers[0]?.number ?? caller.number;
  return shown ? html`${dial(shown, numbers[0]?.e164, numbers[0] && dialledPath(numbers[0].call))}${name}` : html`${t("No number")}${name}`;
}

function attemptsView({ attempts, times }) {
  return html`<ul class="callback-attempts" aria-label=${t("Attempts")}>
    <li>${tn("%(num)s attempt", "%(num)s attempts", times)}</li>
    ${attempts.map((one) => html`<li>${one.can_open
      ? html`<a href="/calls/${one.call}">${piece(shortMomentWithTime(one.at))}<span class="unseen"> ${t("Open the call")}</span></a>` : piece(shortMomentWithTime(one.at))}
      ${between([coded("attempt", one.kind), one.after_hours ? t("outside office hours") : "", one.queue ? userText(one.queue) : ""])}</li>`)}
    ${times > attempts.length ? html`<li>${tn("and %(num)s more", "and %(num)s more", times - attempts.length)}</li>` : nothing}</ul>`;
}

function actsView(row) {
  const { taken, numbers } = row;
  const isOther = taken && taken.id !== userId;
  const name = plainName(row);
  return html`<div class="work-acts callback-acts">
    ${isOther ? nothing : numbers.map((one, i) => callView(one, i === 0, Boolean(row.customer)))}
    ${!taken ? html`<button type="button" class="small" data-act="take" @click=${() => act(row, { action: "take" })}>${t("Take")}<span class="unseen"> ${name}</span></button>` : nothing}
    ${taken && (!isOther || supervises) ? html`<button type="button" class="small quiet" @click=${() => act(row, { action: "release" })}>${t("Give back")}<span class="unseen"> ${name}</span></button>` : nothing}
    ${isOther && !supervises ? nothing : html`<button type="button" class="small" data-act="done" aria-expanded=${noteOf(row.id).asks ? "true" : "false"} @click=${() => ask(row)}>${icon("check")}${t("Done")}<span class="unseen"> ${name}</span></button>`}
    ${supervises ? html`<select aria-label="${t("Assign to")}: ${name}" @change=${(event) => act(row, { action: "assign", user_id: event.target.value ? Number(event.target.value) : null })}>
      <option value="" .selected=${!taken}>${t("Assign to")}</option>${users.map((user) => html`<option value=${user.id} .selected=${user.id === taken?.id}>${user.name}</option>`)}</select>` : nothing}
  </div>`;
}

// Where the office allows it, our own phone rings first, and the caller is ours from then on.
const callView = ({ e164, number: shown, call }, isFirst, isNamed) => (page.canCall
  ? html`<span class="callback-number">${isNamed ? dial(shown, e164, dialledPath(call)) : nothing}
    <button type="button" class="${isFirst ? "main" : ""} small" data-call-path="/api/v1/callbacks/${call}/call" data-number=${shown}>${icon("phone")}${t("Call")}<span class="unseen"> ${shown}</span></button></span>`
  : html`<a class="button ${isFirst ? "main" : ""} small" href="tel:${e164}" data-dialled-path=${dialledPath(call)}>${icon("phone")}${t("Call")} ${phone(shown)}</a>`);

const dialledPath = (call) => `/api/v1/callbacks/${call}/dialled`;

function doneView(row, done) {
  return html`<div class="work-acts"><span>${coded("callback_done", done)}</span>
    ${done === "done" ? html`<button type="button" class="small quiet" @click=${() => act(row, { action: "undo" })}>${t("Undo")}</button>` : nothing}</div>`;
}

function askView(row, done) {
  return html`<form class="callback-note" @submit=${(event) => { event.preventDefault(); act(row, { action: "done", note: typedIn(row.id) }); }}>
    <label class="field">${t("Note (optional)")}<textarea rows="2" maxlength="2000" placeholder=${t("What was agreed, or why no call is needed")}></textarea></label>
    ${done ? nothing : html`<button class="small main">${icon("check")}${t("Mark as done")}</button>`}
    <button type="button" class="small quiet" @click=${() => cancel(row)}>${t("Cancel")}</button></form>`;
}

const plainName = ({ customer, caller, numbers }) =>
  customer?.name ?? (caller.withheld ? t("Number withheld") : numbers[0]?.number ?? (caller.number || t("No number")));

const quietWords = ({ reason, there, until }) =>
  t(`quiet.${reason}`, { there: page.lang === "fa" ? there.replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]) : there, until: until ? time(until) : "" });

function ask(row) {
  notes.set(row.id, { ...noteOf(row.id), asks: true });
  show();
  rowOf(row.id)?.querySelector("textarea")?.focus();
}

function cancel(row) {
  const gone = noteOf(row.id).done === "gone";
  notes.delete(row.id);
  if (gone) rows = rows.filter(({ id }) => id !== row.id);
  show();
  if (!gone) rowOf(row.id)?.querySelector("[aria-expanded]")?.focus();
}

async function act(row, body) {
  const answer = await fetch(`/api/v1/callbacks/${row.call}`, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
  }).catch(() => null);
  const found = await answer?.json().catch(() => ({})) ?? { code: "not_reachable" };
  if (answer?.ok) applied(row, body.action, found);
  else {
    notes.set(row.id, { ...noteOf(row.id), problem: callbackProblem(found) });
    if (found.taken) row.taken = found.taken;
  }
  show();
  if (answer?.ok && !rowOf(row.id)?.contains(document.activeElement)) focusIn(row);
}

function applied(row, action, { taken }) {
  row.taken = taken;
  if (action === "done") {
    notes.set(row.id, { done: "done" });
    total = Math.max(0, total - 1);
    status.textContent = coded("callback_done", "done");
  } else if (action === "undo") {
    notes.delete(row.id);
    total += 1;
  } else notes.set(row.id, { ...noteOf(row.id), problem: "" });
}

// The keyboard goes on in the same row: its button may have changed into another one.
function focusIn(row) {
  const acts = rowOf(row.id)?.querySelector(".work-acts");
  (acts?.querySelector(".main") ?? acts?.querySelector("a, button, select"))?.focus();
}

async function poll() {
  const followed = rows.filter((row) => !noteOf(row.id).done).slice(0, MOST_FOLLOWED);
  const ids = followed.map((row) => row.call).join(",");
  const { open, newest_at: newest } = await read(`/api/v1/callbacks/open?calls=${ids}`);
  apply(open, followed);
  const isNew = newestAt !== null && newest > newestAt;
  newestAt = newest;
  const isOld = failed || Date.now() - loadedAt > RELOAD_S * 1_000;
  const changed = isNew || followed.some((row) => row.call in open && open[row.call].call !== row.call);
  if (!changed && !isOld) return;
  if (place.querySelector(".work-rows")?.contains(document.activeElement)) {
    stale ||= changed;
    show();
  } else await load();
}

function apply(open, followed) {
  for (const row of followed) {
    const state = open[row.call];
    if (state) row.taken = state.taken;
    else if (isInUse(row.id)) notes.set(row.id, { ...noteOf(row.id), done: "gone" });
    else rows = rows.filter(({ id }) => id !== row.id);
    if (!state) total = Math.max(0, total - 1);
  }
  if (whose !== "all") rows = rows.filter((row) => noteOf(row.id).done || isInUse(row.id) || isOf(row.taken));
  show();
}

const isOf = (taken) => (taken ? taken.id === userId : whose === "free");

let polling = null;
let again = false;
async function pollNow() {
  if (polling) return void (again = true); // a change that came while the answer was on its way
  if (document.hidden) return;
  polling = poll().catch(() => null);
  await polling;
  polling = null;
  if (again) [again] = [false, pollNow()];
}

function show() {
  render(view(), place);
}

await loadTranslations(show);
listenForListKeys(place);
await load();
pollNow();
setInterval(pollNow, POLL_MS);
document.addEventListener("visibilitychange", pollNow);
document.addEventListener("screenpop:callback", pollNow);
if (!document.getElementById("ring-bar")) {
  // A user without a phone: this page has no line for rings.
  const nothingElse = { snapshot: () => {}, card: () => {}, call: () => {}, pbx: () => {}, state: () => {}, build: () => {} };
  new Line({ ...nothingElse, login: () => {}, callback: pollNow }).start();
}
