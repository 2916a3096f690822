// The ring on pages other than the desk, and the call that one places there: a bar below the head of the page, over what is there, so that nothing
// under the hands moves and the keyboard stays where it is.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { opensByItself } from "./card_opening.js";
import { lineName, nameView, plainName } from "./caller_identity.js";
import { between, icon, userText } from "./view_helpers.js";
import { RingAlert } from "./ring_alert.js";
import { Sound } from "./sound.js";
import { parts, t, tn } from "./translations.js";
import { hasTypedText } from "./typed_text.js";

const KEY = "F2";
const SHOWN = new Set(["ringing", "dialling"]);
const MOST_SHOWN = 2;
const DESK = "screenpop-desk"; // the name of the tab in which a card opens beside a page with unsaved text

export class RingBar {
  #place;
  #alert;
  #cards = new Map(); // card id -> card, of those that ring or are dialled
  #receipt;
  #live = true;

  // receipt(card id, rev, stages): reports to the server how far the ring came; as Line.receipt.
  constructor(tabs, receipt, place = document.getElementById("ring-bar")) {
    this.#place = place;
    this.#receipt = receipt;
    this.#alert = new RingAlert(tabs, new Sound(), place.querySelector("[data-ring-status]"));
    document.addEventListener("keydown", (event) => this.#pressed(event));
    place.addEventListener("click", (event) => event.target.closest("[data-ring-open]") && this.#open(event));
  }

  snapshot(cards) {
    this.#cards.clear();
    this.#alert.only(cards);
    for (const card of cards) this.#follow(card);
    this.#show();
  }

  card(card) {
    this.#follow(card);
    this.#show();
  }

  // Nothing stale looks live: without a line there is no bar.
  state(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.#show();
  }

  #follow(card) {
    const before = this.#cards.get(card.id);
    if (before && before.rev >= card.rev) return;
    if (SHOWN.has(card.state)) this.#cards.set(card.id, card);
    else this.#cards.delete(card.id);
    const stages = {};
    if (card.state === "ringing" && !before) stages.received = 0;
    if (this.#alert.follow(card)) stages.notified = 0;
    if (Object.keys(stages).length) this.#receipt(card.id, card.rev, stages);
  }

  #show() {
    const cards = this.#live ? [...this.#cards.values()].filter(opensByItself).sort((a, b) => a.arrived_at - b.arrived_at) : [];
    this.#alert.title(cards.find((card) => card.state === "ringing"));
    render(cards.length ? html`${cards.slice(0, MOST_SHOWN).map(row)}
      ${cards.length > MOST_SHOWN ? html`<p class="ring-more">${tn("%(num)s more", "%(num)s more", cards.length - MOST_SHOWN)}</p>` : nothing}`
      : nothing, this.#place.querySelector("[data-ring-rows]"));
  }

  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !this.#cards.size) return;
    if (event.key === "Escape") this.#alert.silence();
    if (event.key === KEY) this.#open(event);
  }

  // In this tab, unless something typed would be lost with the page.
  #open(event) {
    const link = event.target.closest?.("[data-ring-open]") ?? this.#place.querySelector("[data-ring-open]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (hasTypedText()) window.open(link.href, DESK);
    else location.assign(link.href);
  }
}

// The key opens the first.
function row(card, place) {
  return html`<div class="ring-row" data-ring=${card.id}>${icon(card.state)}
    <p>${parts(card.state === "dialling" ? "Calling %(name)s" : "%(name)s is calling", { name: html`<b>${nameView(card)}</b>` })}
      <span class="soft">${between([lineName(card.line), card.line.queue ? parts("queue %(queue)s", { queue: userText(card.line.queue) }) : ""])}</span></p>
    <a class="button main" href="/#card=${encodeURIComponent(card.id)}" data-ring-open>${t("Open the card")}<span class="unseen"> ${plainName(card)}</span>${place === 0 ? html` <kbd class="wide-only">${KEY}</kbd>` : nothing}</a></div>`;
}
