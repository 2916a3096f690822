// Missed calls to call back, as the call log has them. They stay until they are marked done.
import { callbackProblem } from "./callback_words.js";
import { t } from "./translations.js";

const AFTER_MS = 300; // the log is written after the push
const EVERY_MS = 300_000; // heartbeats bring the version of the list; this is for what they miss
const WHILE_OPEN_MS = 3_000; // a call that this agent missed may go on for others

export class MissedCalls {
  callers = [];
  done = [];
  total = 0;
  more = false;
  problem = "";
  #changed;
  #timer = 0;
  #dueAt = Infinity;
  #version; // of what was read; undefined before that
  #spreadMs = 0;
  #pages = 1;
  #isOpen;

  // isOpen: whether a card is missed whose call is not in the list yet.
  constructor(changed, isOpen = () => false) {
    this.#changed = changed;
    this.#isOpen = isOpen;
  }

  // Read the list after this time, or earlier if that is due already.
  soon(ms = AFTER_MS) {
    const at = Date.now() + ms;
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => this.refresh(), ms);
  }

  // A heartbeat brought this version; undefined if the server does not know it yet.
  heard(version) {
    if (version !== undefined && version !== this.#version) this.#withOthers();
  }

  // A colleague has changed a callback.
  changed({ call }) {
    if ([...this.callers, ...this.done].some((one) => one.call.id === call)) this.soon();
    else this.#withOthers();
  }

  // Many pages have the same reason at the same time.
  #withOthers() {
    this.soon(AFTER_MS + Math.random() * this.#spreadMs);
  }

  has(pbx, call) {
    return [...this.callers, ...this.done].some(({ call: one }) => one.pbx === pbx && one.call === call);
  }

  async refresh() {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    try {
      let page = null;
      let version;
      const callers = [];
      for (let i = 0; i < this.#pages && (!page || page.next_cursor); i += 1) {
        page = await this.#page(page?.next_cursor);
        callers.push(...page.missed);
        if (i === 0) version = page.version ?? undefined; // what changes from now on has another
      }
      Object.assign(this, { callers, done: page.done, total: page.total, more: Boolean(page.next_cursor), problem: "" });
      this.#version = version;
      this.#spreadMs = page.spread_ms;
      this.#changed();
    } catch { /* not reachable: the banner shows it, and the list stays as it was */ }
    this.soon(this.#isOpen() ? WHILE_OPEN_MS : EVERY_MS);
  }

  showMore() {
    this.#pages += 1;
    return this.refresh();
  }

  markDone(id) {
    return this.#post(id, "done");
  }

  undo(id) {
    return this.#post(id, "undo");
  }

  async #page(cursor) {
    const answer = await fetch(`/api/v1/missed-calls${cursor ? `?after=${encodeURIComponent(cursor)}` : ""}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // Not found: a colleague was quicker, and the list shows it.
  async #post(id, what) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`/api/v1/missed-calls/${id}/${what}`, { method: "POST", headers, body: "{}" }).catch(() => null);
    const refused = answer?.status === 409 ? await answer.json().catch(() => null) : null;
    await this.refresh();
    this.problem = answer?.ok || answer?.status === 404 ? ""
      : refused?.code ? callbackProblem(refused) : t("The action failed.");
    this.#changed();
  }
}
