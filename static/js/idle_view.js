// The desk between calls, and what is beside the cards: missed calls, last calls.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { length, number, shortMoment, shortMomentWithTime } from "./date_format.js";
import { page } from "./page_context.js";
import { between, callButton, dial, figure, icon, phone, piece, userText } from "./view_helpers.js";
import { takenWords } from "./callback_words.js";
import { stateReason } from "./card_status_line.js";
import { coded, parts, t, tn } from "./translations.js";

export function idleView({ phones = "" }) {
  const own = phones.split(" ").filter(Boolean);
  return html`<section class="idle">
    <div class="idle-mark">${icon("phone")}</div>
    <h2>${t("Waiting for calls")}</h2>
    <p>${own.length
      ? parts("Your phone is %(phones)s. When it rings, the caller appears here before you answer.", { phones: phone(own.join(", ")) })
      : t("No phone is assigned to you. Ask an administrator for an extension.")}</p>
    ${own.length && page.demo ? html`<p class="calm">${t("In this demo a call comes in every few seconds.")}</p>` : nothing}
  </section>`;
}

// One row a caller, and how many there are; what was done stays below, to be undone.
export function missedView({ callers, done, total, more, problem }) {
  if (!total && !done.length && !problem) return nothing;
  return html`<section class="box ${total ? "missed" : ""}" aria-labelledby="missed-title">
    <h2 class="box-title" id="missed-title">${t("Missed calls")} <span class="pill ${total ? "alarm" : "good"}">${figure(number(total))}</span></h2>
    ${problem ? html`<p class="calm" role="alert">${problem}</p>` : nothing}
    ${callers.length ? html`<div class="missed-list" tabindex="0" role="group" aria-labelledby="missed-title">
      <ul class="rows">${repeat(callers, ({ call }) => call.id, missedRow)}</ul>
      ${more ? html`<p class="more"><button type="button" class="small quiet" data-act="more-missed">${t("Show more")}</button></p>` : nothing}</div>`
    : html`<p class="calm">${t("None left.")}</p>`}
  </section>
  ${done.length ? html`<details class="box missed-done"><summary>${t("Marked as done")} <span class="pill">${figure(number(done.length))}</span></summary>
    <ul class="rows">${repeat(done, ({ call }) => call.id, doneRow)}</ul></details>` : nothing}`;
}

function missedRow({ call, times, taken }) {
  return html`<li>
    <span class="row-title">${callerLink(call)}${times > 1 ? html` <span class="pill">${tn("%(num)s call", "%(num)s calls", times)}</span>` : nothing}</span>
    <a class="meta" href="/calls/${call.id}">${piece(shortMomentWithTime(call.arrived_at))}<span class="unseen"> ${t("Open the call")}</span></a>
    <small>${pieces(missedReason(call.disposition), call.customer && call.caller.number ? dial(call.caller.number, call.caller.e164, dialledPath(call)) : "", call.queue ? userText(call.queue) : "")}</small>
    <span class="missed-acts">${call.caller.e164 ? callButton(`/api/v1/calls/${call.id}/call-back`, call.caller.number) : nothing}
    ${taken ? html`<small class="taken">${icon("person")}<span>${takenWords(taken)}</span></small>` : nothing}
    <button type="button" class="small quiet" data-act="missed-done" data-call=${call.id}>${icon("check")}${t("Done")}<span class="unseen"> ${plainSide(call)}</span></button></span>
  </li>`;
}

function doneRow({ call }) {
  return html`<li>
    <span class="row-title">${callerLink(call)}</span>
    <a class="meta" href="/calls/${call.id}">${piece(shortMomentWithTime(call.arrived_at))}<span class="unseen"> ${t("Open the call")}</span></a>
    <button type="button" class="small quiet" data-act="missed-undo" data-call=${call.id}>${icon("undo")}${t("Undo")}<span class="unseen"> ${plainSide(call)}</span></button>
  </li>`;
}

// Each stays whole, and no mark is left at the end of a line.
const pieces = (...parts) => parts.filter(Boolean).map((part) => html`<span>${part}</span>`);

// In the words of the card that was missed.
const REASONS = { abandoned: "caller_gave_up", no_answer: "not_answered" };
const missedReason = (disposition) => (REASONS[disposition]
  ? stateReason({ code: REASONS[disposition] }) : coded("disposition", disposition));

const callerLink = (call) => (call.customer
  ? html`<a href="/customers/${call.customer.id}">${userText(call.customer.name)}</a>` : otherSide(call, dial));

const plainSide = ({ customer, caller }) =>
  customer?.name ?? (caller.number || t(caller.withheld ? "Number withheld" : "No number"));

export function lastCallsView(rows) {
  if (rows === null) return nothing;
  return html`<section class="box recent">
    <h2 class="box-title">${t("Your recent calls")}</h2>
    ${rows.length ? html`<ul class="rows">${rows.map((call) => html`<li>
      <span class="row-title">${icon(call.direction, "turns")}<span class="unseen">${coded("direction", call.direction)}</span>
        ${callerLink(call)}</span>
      <span class="meta">${call.talk_s ? piece(length(call.talk_s)) : ""}</span>
      <small>${between([html`<a href="/calls/${call.id}">${piece(shortMomentWithTime(call.arrived_at))}<span class="unseen"> ${t("Open the call")}</span></a>`,
        call.disposition === "answered" ? "" : coded("disposition", call.disposition),
        call.customer && numberOf(call) ? dial(numberOf(call), call.caller.e164, dialledPath(call)) : ""])}
        ${call.caller.e164 ? callButton(`/api/v1/calls/${call.id}/call-back`, numberOf(call)) : nothing}</small>
    </li>`)}</ul>` : html`<p class="calm">${t("None yet")}</p>`}
  </section>`;
}

const dialledPath = ({ id }) => `/api/v1/calls/${id}/dialled`;

const numberOf = ({ caller, called, direction }) => (direction === "outbound" && called ? called : caller.number);

function otherSide({ customer, caller, called, direction }, view = phone) {
  if (customer) return userText(customer.name);
  if (direction === "outbound" && called) return view(called, caller.e164);
  return caller.number ? view(caller.number, caller.e164) : t(caller.withheld ? "Number withheld" : "No number");
}

// Notes the server would not take, because their call is long over: still here, word for word, for a day.
export function keptNotesView(notes) {
  if (!notes.length) return nothing;
  return html`<section class="box missed">
    <h2 class="box-title">${t("Notes that were not saved")}</h2>
    <p class="calm">${t("These calls ended before the server could be reached. Copy what you need: these notes are deleted after a day.")}</p>
    <ul class="rows">${notes.map((note) => html`<li>
      <span class="row-title">${userText(note.text)}</span><span class="meta">${piece(shortMoment(note.at / 1000))}</span>
      <small>${userText(note.name ?? "")}</small>
      <button type="button" class="small quiet" data-act="forget" data-card=${note.id}>${icon("check")}${t("Done")}</button>
    </li>`)}</ul></section>`;
}
