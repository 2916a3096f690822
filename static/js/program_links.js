// Links from a card to other programs of the office. The templates come from the settings and are checked there;
// every fact is percent-encoded, so that what a caller sent stays inside its field.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { plainName } from "./caller_identity.js";
import { icon, userText } from "./view_helpers.js";
import { t } from "./translations.js";

const KEY = "screenpop.opened";
const MOST_KEPT = 200;

export function readPrograms(text) {
  return JSON.parse(text || "[]");
}

export function addressOf({ url }, card) {
  const number = card.caller.e164 ?? card.caller.raw;
  const facts = {
    number, digits: number.replace(/\D/g, ""), name: card.person ? plainName(card) : "", customer: card.person?.id ?? "", call: card.call,
    line: card.line.did, queue: card.line.queue, direction: card.direction,
  };
  // "{{" and "}}" are braces of the address itself.
  return url.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name) => (name ? encodeURIComponent(facts[name] ?? "") : found[0]));
}

export function programsView(programs, card, blocked) {
  if (!programs.length) return nothing;
  return html`<p class="programs">${programs.map((program) => html`<a class="button small" href=${addressOf(program, card)}
      target="_blank" rel="noopener noreferrer" data-program=${program.label}>${icon("open")}${userText(program.label)}</a>`)}
    ${blocked ? html`<span class="soft" role="status">${t("The browser blocked a new tab. Allow pop-ups for this site, or use the button.")}</span>` : nothing}</p>`;
}

// Opens each program once for a card, also over reloads and tabs.
export class ProgramOpener {
  #programs;
  #open;
  #store;
  blocked = new Set(); // card ids

  constructor(programs, { open = openTab, store = localStorage } = {}) {
    this.#programs = programs;
    this.#open = open;
    this.#store = store;
  }

  follow(card) {
    for (const program of this.#programs.filter((one) => isDue(one, card))) {
      const key = `${card.id} ${program.label}`;
      const opened = JSON.parse(this.#store.getItem(KEY) ?? "[]");
      if (opened.includes(key)) continue;
      this.#store.setItem(KEY, JSON.stringify([...opened, key].slice(-MOST_KEPT)));
      if (!this.#open(addressOf(program, card), program.label)) this.blocked.add(card.id);
    }
  }
}

const isDue = ({ opens }, card) => (opens === "ring" && card.state === "ringing") || (opens === "answer" && card.state === "talking");

// The same program uses the same tab. The other site gets no handle on this page.
function openTab(url, label) {
  const tab = window.open(url, `screenpop-${label}`);
  if (!tab) return false;
  try {
    tab.opener = null;
  } catch {
    // The tab shows the other site already; it lost its handle when it was opened.
  }
  return true;
}
