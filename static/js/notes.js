// Notes are kept as they are typed: first in this browser, then at the server. The field is never
// filled by a render, only here, so that no message can take away text being typed.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { plainName } from "./caller_identity.js";
import { page } from "./page_context.js";
import { t } from "./translations.js";

const SEND_AFTER_MS = 600;
const RETRY_AFTER_MS = 10_000;
const KEEP_DAYS = 30;
const PREFIX = `screenpop.note.${page.user}.`;

export function notesView(card, closes) {
  return html`<div class="notes">
    <label class="unseen" for="note-${card.id}">${t("Note for this call")}</label>
    <textarea id="note-${card.id}" data-note=${card.id} rows="1" maxlength="10000" dir="auto" autocomplete="off"
      placeholder=${t("Note for this call, saved as you type")}></textarea>
    <span class="note-state" data-note-state=${card.id} role="status"></span>
    ${closes ? html`<button type="button" class="main" data-act="close" data-card=${card.id}>${t("Done")}</button>` : nothing}
  </div>`;
}

export class Notes {
  #send; // (card id, text) -> promise of a result
  #store;
  #kept = new Map(); // card id -> {text, sent}
  #timers = new Map();
  #filled = new WeakSet();

  constructor(send, root, store = localStorage) {
    this.#send = send;
    this.#store = store;
    root.addEventListener("input", (event) => {
      const id = event.target.dataset?.note;
      if (id) this.#typed(id, event.target);
    });
    root.addEventListener("focusout", (event) => {
      const id = event.target.dataset?.note;
      if (id) this.#flush(id);
    });
    addEventListener("pagehide", () => this.#timers.forEach((_, id) => this.#flush(id)));
    this.#recall();
  }

  // After a render: new fields get their text, untouched ones what another tab has sent.
  rendered(root, cards) {
    for (const card of cards) {
      const field = root.querySelector(`textarea[data-note="${CSS.escape(card.id)}"]`);
      if (field) this.#fill(field, card);
    }
  }

  // Notes the server refused, whose cards are gone from the page.
  stranded(cards) {
    const shown = new Set(cards.map((card) => card.id));
    return [...this.#kept].filter(([id, note]) => note.refused && note.text && !shown.has(id))
      .map(([id, note]) => ({ id, ...note }));
  }

  forget(id) {
    this.#kept.delete(id);
    this.#forget(id);
  }

  // Whether a note has text that the server has not confirmed.
  isUnsaved(id) {
    const note = this.#kept.get(id);
    return Boolean(note) && note.text !== note.sent;
  }

  get unsent() {
    return [...this.#kept.values()].some((note) => note.text !== note.sent && !note.refused);
  }

  #fill(field, card) {
    const note = this.#kept.get(card.id) ?? { text: card.note, sent: card.note };
    note.name = plainName(card);
    const untouched = note.text === note.sent && document.activeElement !== field;
    if (untouched && card.note && card.note !== note.text) note.text = note.sent = card.note;
    this.#kept.set(card.id, note);
    if (this.#filled.has(field) && !untouched) return;
    this.#filled.add(field);
    if (field.value !== note.text) field.value = note.text;
    grow(field);
    this.#notify(card.id);
  }

  #typed(id, field) {
    grow(field);
    const note = { ...this.#kept.get(id), text: field.value };
    this.#kept.set(id, note);
    this.#remember(id, note);
    this.#notify(id);
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.#flush(id), SEND_AFTER_MS));
  }

  async #flush(id) {
    clearTimeout(this.#timers.get(id));
    if (!this.#timers.delete(id)) return;
    const { text } = this.#kept.get(id);
    const answer = await this.#send(id, text);
    const note = this.#kept.get(id);
    if (!note) return;
    if (answer.ok) note.sent = text;
    // The database cannot be written now: the text stays here and is brought again.
    const later = answer.error === "not_saved_yet";
    note.refused = !answer.ok && !later;
    if (later && !this.#timers.has(id)) this.#timers.set(id, setTimeout(() => this.#flush(id), RETRY_AFTER_MS));
    if (note.text === note.sent) this.#forget(id);
    this.#notify(id);
  }

  #notify(id) {
    const note = this.#kept.get(id);
    const words = note.refused ? t("Saved in this browser only") : note.text !== note.sent ? t("Saved here, sending …")
      : note.text ? t("Saved") : "";
    for (const place of document.querySelectorAll(`[data-note-state="${CSS.escape(id)}"]`)) {
      if (place.textContent !== words) place.textContent = words;
      place.dataset.saved = note.text === note.sent ? "yes" : "no";
    }
  }

  #remember(id, note) {
    note.at = Date.now();
    try {
      this.#store.setItem(PREFIX + id, JSON.stringify({ text: note.text, at: note.at, name: note.name }));
    } catch { /* a full or forbidden store: the server's copy must do */ }
  }

  #forget(id) {
    this.#store.removeItem(PREFIX + id);
  }

  // What an earlier page could not bring to the server is sent now.
  #recall() {
    const oldest = Date.now() - KEEP_DAYS * 86_400_000;
    for (const key of Object.keys(this.#store).filter((name) => name.startsWith(PREFIX))) {
      const { text, at, name } = JSON.parse(this.#store.getItem(key));
      const id = key.slice(PREFIX.length);
      if (at < oldest) this.#forget(id);
      else {
        this.#kept.set(id, { text, at, name, sent: undefined });
        this.#timers.set(id, 0);
        this.#flush(id);
      }
    }
  }
}

// As tall as its text, up to what the sheet allows; rows, because a style attribute is refused.
function grow(field) {
  const lines = field.value.split("\n").length;
  const long = Math.ceil(field.value.length / Math.max(20, field.clientWidth / 8));
  field.rows = Math.min(5, Math.max(1, lines, long));
}
