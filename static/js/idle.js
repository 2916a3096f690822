// The desk between calls, and what stands beside the cards: missed here, last calls.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { nameView, plainName } from "./caller.js";
import { length, number, shortMoment } from "./dates.js";
import { page } from "./page.js";
import { between, figure, icon, phone, piece, said } from "./pieces.js";
import { stateReason } from "./state_line.js";
import { coded, parts, t, tn } from "./words.js";

export function idleView({ phones = "" }) {
  const own = phones.split(" ").filter(Boolean);
  return html`<section class="idle">
    <div class="idle-mark">${icon("phone")}</div>
    <h2>${t("Waiting for calls")}</h2>
    <p>${own.length
      ? parts("Your phone is %(phones)s. When it rings, the caller stands here before you pick up.", { phones: phone(own.join(", ")) })
      : t("No phone is set up for you. Ask an administrator to give you an extension.")}</p>
    ${own.length && page.demo ? html`<p class="calm">${t("In this demo one comes every few seconds.")}</p>` : nothing}
  </section>`;
}

const MOST_MISSED = 6;

export function missedView(missed) {
  if (!missed.length) return nothing;
  return html`<section class="box missed">
    <h2 class="box-title">${t("Missed here")} <span class="pill alarm">${figure(number(missed.length))}</span></h2>
    <ul class="rows">${missed.slice(0, MOST_MISSED).map((card) => html`<li>
      <span class="row-title">${nameView(card)}</span>
      <span class="meta">${piece(shortMoment(card.since))}</span>
      <small>${between([card.reason ? stateReason(card.reason) : "", card.person ? phone(card.caller.display) : ""])}</small>
      <button type="button" class="small quiet" data-act="close" data-card=${card.id}>${icon("check")}${t("Done")}<span class="unseen"> ${plainName(card)}</span></button>
    </li>`)}</ul>
    ${missed.length > MOST_MISSED ? html`<p class="more">${tn("%(num)s more", "%(num)s more", missed.length - MOST_MISSED)}</p>` : nothing}
  </section>`;
}

export function lastCallsView(rows) {
  if (rows === null) return nothing;
  return html`<section class="box">
    <h2 class="box-title">${t("Your last calls")}</h2>
    ${rows.length ? html`<ul class="rows">${rows.map((call) => html`<li>
      <span class="row-title">${icon(call.direction, "turns")}<span class="unseen">${coded("direction", call.direction)}</span>
        <a class="row-link" href="/calls/${call.id}">${otherSide(call)}</a></span>
      <span class="meta">${call.talk_s ? figure(length(call.talk_s)) : ""}</span>
      <small>${between([piece(shortMoment(call.arrived_at)), call.disposition === "answered" ? "" : coded("disposition", call.disposition)])}</small>
    </li>`)}</ul>` : html`<p class="calm">${t("None yet")}</p>`}
  </section>`;
}

function otherSide({ customer, caller, called, direction }) {
  if (customer) return said(customer.name);
  if (direction === "outbound" && called) return phone(called);
  return caller.number ? phone(caller.number) : t(caller.withheld ? "Number withheld" : "No number");
}

// Notes the server would not take, because their call is long over: still here, word for word.
export function keptNotesView(notes) {
  if (!notes.length) return nothing;
  return html`<section class="box missed">
    <h2 class="box-title">${t("Notes kept in this browser only")}</h2>
    <p class="calm">${t("Their calls were over before the server could be reached. Copy what is needed.")}</p>
    <ul class="rows">${notes.map((note) => html`<li>
      <span class="row-title">${said(note.text)}</span><span class="meta">${piece(shortMoment(note.at / 1000))}</span>
      <small>${said(note.name ?? "")}</small>
      <button type="button" class="small quiet" data-act="forget" data-card=${note.id}>${icon("check")}${t("Done")}</button>
    </li>`)}</ul></section>`;
}
