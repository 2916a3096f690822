// The proof of how far a card came: received, notified or painted, seen. Each is reported once a revision
// while it rings, and once a card after that. What one frame of the screen proves goes in one message.
import { isFocused, isVisible } from "./page_context.js";

const RINGS = new Set(["ringing", "dialling"]);
const PAINTS_WITHIN_MS = 1_000; // after that, what is known goes without the frame

export class Receipts {
  #send;
  #reported = new Map(); // card id -> stage -> rev
  #painted = new Map(); // card id -> card, as on the page now
  #waiting = new Map(); // card id -> {rev, stages: {stage: when}}, not sent yet
  #timer = 0;
  #awaitsFrame = false;

  // send(card id, rev, stages): stages have the milliseconds that have passed since each was reached.
  constructor(send) {
    this.#send = send;
    for (const event of ["focus", "visibilitychange", "pageshow"]) {
      (event === "visibilitychange" ? document : window).addEventListener(event, () => this.#look());
    }
    addEventListener("pagehide", () => this.#flush());
  }

  received(card) {
    this.#report(card, "received");
  }

  notified(card) {
    this.#report(card, "notified");
  }

  // After a render: painted is the frame that follows, in a visible page only.
  rendered(cards) {
    this.#painted = new Map(cards.map((card) => [card.id, card]));
    for (const id of this.#waiting.keys()) if (!this.#painted.has(id)) this.#flushCard(id);
    for (const id of this.#reported.keys()) if (!this.#painted.has(id)) this.#reported.delete(id);
    this.#look();
  }

  #look() {
    if (!isVisible()) return void this.#flush();
    if (!this.#painted.size || this.#awaitsFrame) return;
    this.#awaitsFrame = true;
    requestAnimationFrame(() => {
      this.#awaitsFrame = false;
      const cards = [...this.#painted.values()];
      afterPaint(() => this.#paintedNow(cards));
    });
  }

  #paintedNow(cards) {
    for (const card of cards) {
      this.#report(card, "painted");
      if (isFocused()) this.#report(card, "seen");
    }
    this.#flush();
  }

  #report(card, stage) {
    const stages = this.#reported.get(card.id) ?? new Map();
    const before = stages.get(stage);
    if (before !== undefined && (before >= card.rev || !RINGS.has(card.state))) return;
    this.#reported.set(card.id, stages.set(stage, card.rev));
    if (this.#waiting.has(card.id) && this.#waiting.get(card.id).rev !== card.rev) this.#flushCard(card.id);
    if (!this.#waiting.has(card.id)) this.#waiting.set(card.id, { rev: card.rev, stages: {} });
    this.#waiting.get(card.id).stages[stage] = performance.now();
    this.#timer ||= setTimeout(() => this.#flush(), PAINTS_WITHIN_MS);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const id of [...this.#waiting.keys()]) this.#flushCard(id);
  }

  #flushCard(id) {
    const { rev, stages } = this.#waiting.get(id);
    this.#waiting.delete(id);
    const now = performance.now();
    const ago = Object.entries(stages).map(([stage, at]) => [stage, Math.max(0, Math.round(now - at))]);
    this.#send(id, rev, Object.fromEntries(ago));
  }
}

// A task queued in a frame runs after that frame was drawn.
function afterPaint(act) {
  const channel = new MessageChannel();
  channel.port1.onmessage = act;
  channel.port2.postMessage(null);
}
