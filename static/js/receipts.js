// The proof of how far a card came: received, notified or painted, seen. Each is reported once a revision
// while it rings, and once a card after that.
import { isFocused, isVisible } from "./page_context.js";

const RINGS = new Set(["ringing", "dialling"]);

export class Receipts {
  #send;
  #reported = new Map(); // card id -> stage -> rev
  #painted = new Map(); // card id -> card, as on the page now

  constructor(send) {
    this.#send = send;
    for (const event of ["focus", "visibilitychange", "pageshow"]) {
      (event === "visibilitychange" ? document : window).addEventListener(event, () => this.#look());
    }
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
    for (const id of this.#reported.keys()) if (!this.#painted.has(id)) this.#reported.delete(id);
    this.#look();
  }

  #look() {
    if (!isVisible() || !this.#painted.size) return;
    const cards = [...this.#painted.values()];
    requestAnimationFrame(() => afterPaint(() => {
      for (const card of cards) {
        this.#report(card, "painted");
        if (isFocused()) this.#report(card, "seen");
      }
    }));
  }

  #report(card, stage) {
    const stages = this.#reported.get(card.id) ?? new Map();
    const before = stages.get(stage);
    if (before !== undefined && (before >= card.rev || !RINGS.has(card.state))) return;
    this.#reported.set(card.id, stages.set(stage, card.rev));
    this.#send(card.id, card.rev, stage);
  }
}

// A task queued in a frame runs after that frame was drawn.
function afterPaint(act) {
  const channel = new MessageChannel();
  channel.port1.onmessage = act;
  channel.port2.postMessage(null);
}
