// Notes are saved as they are typed. One that the line cannot bring to its call is kept among the user's drafts at the
// server, never in this browser. The field is never filled by a render, only here, so that no message can take away
// text being typed.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { plainName } from "./caller_identity.js";
import { Draft } from "./drafts.js";
import { t } from "./translations.js";

const SEND_AFTER_MS = 600;
const RETRY_AFTER_MS = 10_000;
const KEEP_AFTER_MS = 3_000;
const PREFIX = "note:";

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
  #kept = new Map(); // card id -> {text, sent, at, name, draft, isKept}
  #timers = new Map();
  #filled = new WeakSet();

  // ``drafts``: promises of the user's drafts.
  constructor(send, root, drafts) {
    this.#send = send;
    root.addEventListener("input", (event) => {
      const id = event.target.dataset?.note;
      if (id) this.#typed(id, event.target);
    });
    root.addEventListener("focusout", (event) => {
      const id = event.target.dataset?.note;
      if (id) this.#flush(id);
    });
    addEventListener("pagehide", () => this.#leave());
    for (const some of drafts) some.then((found) => this.#recall(found));
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
    this.#forget(this.#kept.get(id));
    this.#kept.delete(id);
  }

  // Resolves when the server has all text, as notes or as drafts.
  async keepAll() {
    await Promise.all([...this.#kept].filter(([, note]) => note.text !== note.sent).map(([id]) => this.#keep(id)));
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
    note.at = Date.now();
    note.draft ??= new Draft(PREFIX + id);
    note.draft.touch();
    this.#notify(id);
    clearTimeout(note.keeping);
    note.keeping = setTimeout(() => this.#keep(id), KEEP_AFTER_MS);
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
    if (note.text === note.sent) this.#forget(note);
    else if (note.refused) this.#keep(id);
    this.#notify(id);
  }

  #notify(id) {
    const note = this.#kept.get(id);
    const words = note.refused ? t("Not saved") : note.text !== note.sent ? t("Sending …")
      : note.text ? t("Saved") : "";
    for (const place of document.querySelectorAll(`[data-note-state="${CSS.escape(id)}"]`)) {
      if (place.textContent !== words) place.textContent = words;
      place.dataset.saved = note.text === note.sent ? "yes" : "no";
    }
  }

  // The line cannot take the note: its text becomes a draft.
  async #keep(id) {
    const note = this.#kept.get(id);
    if (!note || note.text === note.sent) return;
    note.isKept = true;
    note.draft ??= new Draft(PREFIX + id);
    await note.draft.keep(() => contentOf(note));
  }

  // The server has the text as a note, or it is no longer needed: no draft is left of it.
  #forget(note) {
    clearTimeout(note?.keeping);
    if (note?.isKept) note.draft.keep(() => null);
    else note?.draft?.settle();
    if (note) note.isKept = false;
  }

  #leave() {
    for (const id of this.#timers.keys()) this.#flush(id);
    for (const note of this.#kept.values()) if (note.draft && note.text !== note.sent) note.draft.keepNow(contentOf(note));
  }

  // What an earlier page could not bring to its call is sent now.
  #recall(drafts) {
    for (const { form, values, saved_at: at } of drafts.filter((one) => one.form.startsWith(PREFIX))) {
      const id = form.slice(PREFIX.length);
      const here = this.#kept.get(id);
      if (here?.at || (here && here.text !== here.sent)) continue; // typed meanwhile, or recalled already
      const note = { text: values.text ?? "", at: at * 1000, name: values.name, sent: undefined, draft: new Draft(form), isKept: true };
      this.#kept.set(id, note);
      const field = document.querySelector(`textarea[data-note="${CSS.escape(id)}"]`);
      if (field) {
        field.value = note.text;
        grow(field);
      }
      this.#timers.set(id, 0);
      this.#flush(id);
    }
  }
}

const contentOf = ({ text, name }) => ({ values: { text, name: name ?? "" } });

// As tall as its text, up to what the sheet allows; rows, because a style attribute is refused.
function grow(field) {
  const lines = field.value.split("\n").length;
  const long = Math.ceil(field.value.length / Math.max(20, field.clientWidth / 8));
  field.rows = Math.min(5, Math.max(1, lines, long));
}
