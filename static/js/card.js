// One card, as one agent sees one call. Whole for the call in hand, brief for the others.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { askPromptOf, greetingOf, inLanguage, nameView, networkName, plainName, certaintyOf } from "./caller_identity.js";
import { callsView, tripsView } from "./history.js";
import { markedApart, personFacts } from "./candidate_facts.js";
import { chips } from "./alerts.js";
import { callWorkView } from "./call_work.js";
import { notesView } from "./notes.js";
import { cardStatusLine } from "./card_status_line.js";
import { programsView } from "./program_links.js";
import { suggestionsView } from "./suggestions.js";
import { icon, withLangAttribute, userText } from "./view_helpers.js";
import { chooseView, fileLink, undoLinkView, identifyCallerView } from "./identify_caller.js";
import { coded, t } from "./translations.js";

export const domId = (card) => `card-${card.id.replace(/[^\w-]/g, "-")}`;

const ON = new Set(["ringing", "dialling", "talking", "held", "listening"]);
const OVER = new Set(["wrap_up", "missed", "elsewhere", "gone"]);

// A long name is set smaller, so that what follows it stays in sight.
const longness = (name) => (name.length > 44 ? "very" : name.length > 26 ? "yes" : "no");

// The content of a card's element. Whole or brief, the same template: its fields survive the folding.
// view: shape ("whole" or "brief"), kept (here only because in use), form (the identify form has text), work (so has
// the one of follow-ups), note.
export function cardView(card, view) {
  const whole = view.shape === "whole";
  if (card.state === "listening") return listeningView(card, view, whole);
  return html`${cardStatusLine(card, { short: !whole })}
    <div class="card-body">
      ${whole ? callerBlock(card) : briefCaller(card)}
      ${whole ? programsView(view.programs, card, view.blocked) : nothing}
      ${identifyCallerView(card, whole, view.form)}
      ${whole ? facts(card, view) : nothing}
    </div>
    ${whole || (card.state === "elsewhere" && !view.kept) ? nothing : briefActs(card, view)}
    ${callWorkView(card, whole, view.work)}
    ${whole || card.state === "wrap_up" || view.kept || view.note ? notesView(card, whole && isOver(card, view)) : nothing}`;
}

// The card of a call that a supervisor listens to: its agent writes notes, links the caller and takes answers.
const listeningView = (card, view, whole) => html`${cardStatusLine(card, { short: !whole })}
  <div class="card-body">${whole ? callerBlock(card) : briefCaller(card)}${whole ? facts(card, view) : nothing}</div>
  ${whole ? nothing : briefActs(card, view)}`;

const isOver = (card, { kept }) => kept || card.state === "wrap_up" || card.state === "missed";

const facts = (card, view) => html`${card.now.length ? chips(card.now) : nothing}${preferences(card)}${columns(card, view)}`;

function briefCaller(card) {
  return html`<div class="brief-caller">
    <h2 class="brief-name" id="${domId(card)}-name">${nameView(card)}</h2>
    ${badges(card)}
    <p class="sure" data-match=${card.match}>${icon(card.match)}<span>${certaintyOf(card)}</span></p>
    ${card.now.length && ON.has(card.state) ? chips(card.now, 1) : nothing}
  </div>`;
}

function briefActs(card, view) {
  return html`<div class="brief-actions">
    <button type="button" class="small" data-act="show" data-card=${card.id}>${t("Show")}</button>
    ${OVER.has(card.state) && isOver(card, view)
      ? html`<button type="button" class="small main" data-act="close" data-card=${card.id}>${t("Done")}</button>` : nothing}
  </div>`;
}

function callerBlock(card) {
  const greeting = card.state === "listening" ? "" : greetingOf(card);
  const network = networkName(card);
  return html`
    <div class="caller-block">
      <div class="caller-name">
        <h2 class="name" id="${domId(card)}-name" data-long=${longness(plainName(card))}>${nameView(card)}</h2>
        ${greeting ? html`<p class="say"><q>${greeting}</q></p>` : nothing}
        <p class="sure" data-match=${card.match}>${icon(card.match)}<span>${certaintyOf(card)} ${fileLink(card)} ${undoLinkView(card)}</span></p>
        ${askPromptOf(card) && card.state !== "listening" ? html`<p class="ask">${askPromptOf(card)}</p>` : nothing}
        ${network ? html`<p class="network">${t("Caller ID name:")} ${userText(network)}</p>` : nothing}
      </div>
      ${badges(card)}
    </div>
    ${candidates(card)}`;
}

function badges({ person }) {
  if (!person) return nothing;
  const tier = person.tier && person.tier !== "none";
  if (!tier && !person.vip && !person.household) return nothing;
  return html`<div class="badges">
    ${person.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
    ${tier ? html`<span class="pill ${person.tier}">${icon("star")}${coded("tier", person.tier)}</span>` : nothing}
    ${person.household ? html`<span class="pill">${icon("home")}${userText(person.household)}</span>` : nothing}
  </div>`;
}

function candidates(card) {
  if (!card.candidates.length) return nothing;
  const title = card.match === "maybe" ? t("Possible match") : t("One of these");
  const marked = markedApart(card.candidates.map((person) => ({ ...person, name: inLanguage(person.address) })));
  return html`<section class="candidates"><h3>${title}</h3><ul>${marked.map((person) => html`
    <li><span class="candidate">${withLangAttribute(person.address)}</span>${badges({ person: { ...person, household: "" } })}
      <span class="soft">${personFacts(person)}</span>${chooseView(card, person)}</li>`)}</ul></section>`;
}

function preferences({ person }) {
  if (!person?.preferences && !person?.notes) return nothing;
  return html`<div class="preferences-list">
    ${person.preferences ? html`<p>${icon("heart")}<span><b>${t("Likes")}</b> ${userText(person.preferences)}</span></p>` : nothing}
    ${person.notes ? html`<p>${icon("note")}<span>${userText(person.notes)}</span></p>` : nothing}
  </div>`;
}

// The last calls go where there is more room.
function columns(card, view) {
  const past = card.trips.length || card.person;
  const worth = card.suggestions.length || card.silence;
  const calls = card.calls.length;
  if (!past && !worth && !calls) return nothing;
  const callsLast = worth && card.suggestions.length * 2 < card.trips.length;
  return html`<div class="cols ${(past || calls) && worth ? "" : "one"}">
    ${past || (calls && !callsLast) ? html`<div class="past">${tripsView(card)}${callsLast ? nothing : callsView(card)}</div>` : nothing}
    ${worth ? html`<div class="worth">${suggestionsView(card, view)}${callsLast ? callsView(card) : nothing}</div>` : nothing}
  </div>`;
}
