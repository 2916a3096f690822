// The work lists: which list, whose rows, one row a customer. A light request each second keeps them as they are
// on the server: a customer who was reached, or whom another user has done, leaves.
import "./announce_dial.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { money, number, time } from "./date_format.js";
import { listenForListKeys } from "./list_keys.js";
import { page } from "./page_context.js";
import "./message_form.js";
import { coded, has, loadTranslations, t, tn } from "./translations.js";
import { between, dial, icon, phone, piece, userText } from "./view_helpers.js";
import { reasonOf, wordsFor } from "./work_reasons.js";

const POLL_MS = 1_000;
const RELOAD_S = 30;
const EMPTY_RELOAD_S = 3; // the lists of a day are built soon after midnight and after the start
const MOST = 999;
const SNOOZES = [[1, "tomorrow"], [3, "in_3_days"], [7, "next_week"], [30, "in_30_days"]];
const AWAY = ["price", "no_time", "other_agency", "unhappy", "life", "no_wish"];

const place = document.getElementById("work");
const status = document.getElementById("work-status");
const users = JSON.parse(place.dataset.users);
const supervises = place.dataset.supervises === "yes";

const address = new URLSearchParams(location.search);
let kind = address.get("kind") ?? "promise";
let owner = address.get("owner") ?? "open";
let lists = [];
let rows = [];
let cursor = null;
let failed = "";
let loadedAt = 0;
const notes = new Map(); // row id -> { done: action } or { problem: sentence } or { asks: true }

async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
  });
  return { ok: answer.ok, ...(await answer.json().catch(() => ({}))) };
}

async function load(more = false) {
  const query = new URLSearchParams({ kind, owner, ...(more && cursor ? { after: cursor } : {}) });
  try {
    const answer = await fetch(`/api/v1/follow-ups?${query}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    lists = found.lists;
    rows = more ? [...rows, ...found.rows] : found.rows;
    cursor = found.next_cursor;
    failed = "";
  } catch {
    failed = t("The list cannot be read now. It is tried again.");
  }
  loadedAt = Date.now();
  show();
}

async function choose(nextKind, nextOwner) {
  [kind, owner] = [nextKind, nextOwner];
  notes.clear();
  history.replaceState(null, "", `?${new URLSearchParams({ kind, owner })}`);
  await load();
  place.querySelector("[aria-current=true]")?.focus();
}

const labelOf = (one) => coded("work_list", one);

function view() {
  return html`<ul class="work-lists" aria-label=${t("Lists")}>${lists.map(({ kind: one, count }) => html`<li>
      <button type="button" aria-current=${one === kind ? "true" : "false"} @click=${() => choose(one, owner)}>${labelOf(one)}
        <span class="count">${number(count)}${count >= MOST ? "+" : ""}</span></button></li>`)}</ul>
    <div class="work-owner">
      <label class="field">${t("Whose rows")}<select @change=${(event) => choose(kind, event.target.value)}>
        ${["open", "mine", "none", ...(supervises ? ["all"] : [])].map((one) => html`<option value=${one} .selected=${one === owner}>${coded("work_owner", one)}</option>`)}
      </select></label>
      ${supervises && kind !== "promise" ? shareView() : nothing}
      ${place.dataset.exports === "yes" && rows.length ? html`<form method="post" action="/follow-ups/export" class="work-export">
        <input type="hidden" name="csrf" value=${page.csrf}><input type="hidden" name="kind" value=${kind}><input type="hidden" name="owner" value=${owner}>
        <button>${t("Export (XLSX)")}</button></form>` : nothing}
    </div>
    ${supervises && kind === "call_list" ? html`<p class="hint"><a href="/segments">${t("Call lists are made of segments")}</a></p>` : nothing}
    ${failed ? html`<p class="problem" role="alert">${failed}</p>` : nothing}
    ${rows.length ? html`<ul class="work-rows">${rows.map(rowView)}</ul>` : failed ? nothing : html`<p class="box table-empty">${t("Nothing to do on this list.")}</p>`}
    ${cursor ? html`<p class="paging"><button type="button" @click=${() => load(true)}>${t("More")}</button></p>` : nothing}`;
}

function rowView(row) {
  const { customer, quiet, assigned } = row;
  const note = notes.get(row.id) ?? {};
  const head = html`<div><div class="work-name"><h2><a href="/customers/${customer.id}">${userText(customer.name)}</a></h2>
      ${customer.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
      ${customer.tier !== "none" ? html`<span class="pill ${customer.tier}">${icon("star")}${coded("tier", customer.tier)}</span>` : nothing}
      ${assigned && owner !== "mine" ? html`<span class="pill">${icon("person")}${userText(assigned.name)}</span>` : nothing}</div>
    <p class="work-why">${reasonOf(row)}</p>
    ${note.done ? nothing : html`<p class="work-say"><q>${wordsFor(row)}</q></p>
    <p class="work-facts">${between([row.trips ? tn("%(num)s trip", "%(num)s trips", row.trips) : "", row.worth ? piece(money(row.worth, row.currency)) : ""])}</p>
    ${quiet ? html`<p class="work-quiet">${icon("clock")}<span>${quietWords(quiet)}</span></p>` : nothing}`}</div>`;
  if (note.done) {
    return html`<li class="box work-row" data-row=${row.id} data-state="closed">${head}<div class="work-acts">
      <span>${coded("work_done", note.done)}</span>
      ${note.done === "gone" ? nothing : html`<button type="button" class="small quiet" @click=${() => act(row, { action: "undo" })}>${t("Undo")}</button>`}</div></li>`;
  }
  return html`<li class="box work-row" data-row=${row.id} data-state="open">${head}
    <div class="work-acts">
      ${customer.e164 && !quiet ? callView(customer)
        : customer.e164 ? html`<span class="work-facts">${phone(customer.number)}</span>` : html`<span class="work-facts">${t("No number on file")}</span>`}
      <button type="button" class="small" data-act="done" @click=${() => (row.kind === "lapsed" && !note.asks ? ask(row) : act(row, { action: "done" }))}>${icon("check")}${t("Done")}<span class="unseen"> ${customer.name}</span></button>
      <select aria-label="${t("Snooze")}: ${customer.name}" @change=${(event) => event.target.value && act(row, { action: "snooze", days: Number(event.target.value) })}>
        <option value="">${t("Snooze")}</option>${SNOOZES.map(([days, code]) => html`<option value=${days}>${coded("snooze", code)}</option>`)}</select>
      ${row.kind === "promise" ? nothing : html`<button type="button" class="small quiet" @click=${() => act(row, { action: "never" })}>${t("Not again")}<span class="unseen"> ${customer.name}</span></button>`}
      ${!assigned ? html`<button type="button" class="small" data-act="take" @click=${() => act(row, { action: "take" })}>${t("Take")}<span class="unseen"> ${customer.name}</span></button>` : nothing}
      ${supervises ? html`<select aria-label="${t("Assign to")}: ${customer.name}" @change=${(event) => act(row, { action: "assign", user_id: event.target.value ? Number(event.target.value) : null })}>
        <option value="" .selected=${!assigned}>${t("Assign to")}</option>${users.map((user) => html`<option value=${user.id} .selected=${user.id === assigned?.id}>${user.name}</option>`)}</select>` : nothing}
    </div>
    ${place.dataset.messages === "yes" && customer.e164 ? html`<message-form class="work-message" data-customer=${customer.id} data-reason=${row.kind} data-name=${customer.name}></message-form>` : nothing}
    ${note.asks ? html`<div class="work-away" role="group" aria-label=${t("Why did they stay away?")}><span>${t("Why did they stay away?")}</span>
      ${AWAY.map((code) => html`<button type="button" class="small" @click=${() => act(row, { action: "done", away_reason: code })}>${coded("away", code)}</button>`)}
      <button type="button" class="small quiet" @click=${() => act(row, { action: "done" })}>${t("No reason")}</button></div>` : nothing}
    ${note.problem ? html`<p class="problem work-problem" role="alert">${icon("alert")}<span>${note.problem}</span></p>` : nothing}</li>`;
}

// Where the office allows it, our own phone rings first; the number stays a link for other programs.
const callView = ({ e164, number: shown, phone_id: id }) => (page.canCall
  ? html`<span class="work-facts">${dial(shown, e164, `/api/v1/phones/${id}/dialled`)}</span>
    <button type="button" class="main small" data-call-path="/api/v1/phones/${id}/call" data-number=${shown}>${icon("phone")}${t("Call")}<span class="unseen"> ${shown}</span></button>`
  : html`<a class="button main small" href="tel:${e164}" data-dialled-path="/api/v1/phones/${id}/dialled">${icon("phone")}${t("Call")} ${phone(shown)}</a>`);

const quietWords = ({ reason, there, until }) =>
  t(`quiet.${reason}`, { there: localClock(there), until: until ? time(until) : "" });

const localClock = (text) => (page.lang === "fa" ? text.replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]) : text);

function ask(row) {
  notes.set(row.id, { asks: true });
  show();
  place.querySelector(`[data-row="${row.id}"] .work-away button`)?.focus();
}

async function act(row, body) {
  let answer;
  try {
    answer = await send(`/api/v1/follow-ups/${row.id}`, body);
  } catch {
    answer = { ok: false, error: "not_reachable" };
  }
  if (!answer.ok) {
    const code = `work_problem.${answer.error ?? "unknown"}`;
    notes.set(row.id, { problem: has(code) ? t(code, { name: answer.name || t("another user") }) : t("work_problem.unknown") });
  } else if (body.action === "undo") notes.delete(row.id);
  else if (body.action === "take" || body.action === "assign") await load();
  else {
    notes.set(row.id, { done: body.action });
    status.textContent = coded("work_done", body.action);
  }
  show();
  const next = place.querySelector(`[data-row="${row.id}"] :is(button, a)`);
  next?.focus();
}

// Agents are chosen; others only get rows when they are chosen too.
const shareView = () => html`<details class="work-share"><summary class="button">${t("Share out among agents")}</summary>
  <form class="box" @submit=${share}><fieldset><legend>${t("Rows that are not assigned go to")}</legend>
    ${users.map(({ id, name, agent }) => html`<label class="choice"><input type="checkbox" name="user" value=${id} .checked=${agent}> ${userText(name)}</label>`)}</fieldset>
    <button class="main">${t("Share out")}</button></form></details>`;

async function share(event) {
  event.preventDefault();
  const agents = new FormData(event.target).getAll("user").map(Number);
  if (!agents.length) return;
  event.target.closest("details").open = false;
  const answer = await send("/api/v1/follow-ups/share", { kind, user_ids: agents });
  if (answer.ok) status.textContent = tn("%(num)s row was shared out.", "%(num)s rows were shared out.", answer.rows);
  await load();
}

// What was reached, done or taken elsewhere leaves at once; a row with the keyboard in it only shows it.
async function poll() {
  const followed = rows.filter((row) => !notes.get(row.id)?.done);
  if (followed.length && !document.hidden) {
    try {
      const ids = followed.slice(0, 120).map((row) => row.id).join(",");
      const answer = await fetch(`/api/v1/follow-ups/open?ids=${ids}`);
      if (answer.ok) apply((await answer.json()).open, followed.slice(0, 120));
    } catch { /* tried again in a second */ }
  }
  if (!document.hidden && Date.now() - loadedAt > (rows.length ? RELOAD_S : EMPTY_RELOAD_S) * 1000 && !place.contains(document.activeElement) && !notes.size) await load();
  setTimeout(poll, POLL_MS);
}

function apply(open, followed) {
  const gone = new Set(followed.filter((row) => !(row.id in open) && !notes.get(row.id)?.done).map((row) => row.id));
  for (const row of followed) if (row.id in open) row.assigned = open[row.id];
  const active = document.activeElement?.closest?.("[data-row]")?.dataset.row;
  for (const id of gone) if (id === active) notes.set(id, { done: "gone" });
  rows = rows.filter((row) => !gone.has(row.id) || row.id === active);
  if (gone.size) lists = lists.map((one) => (one.kind === kind ? { ...one, count: Math.max(0, one.count - gone.size) } : one));
  show();
}

function show() {
  render(view(), place);
}

await loadTranslations();
listenForListKeys(place);
await load();
poll();
