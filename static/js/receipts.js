// The proof of how far a card came: received, notified or painted, seen. Each is told once a revision
// while it rings, and once a card after that.
import { isFocused, isVisible } from "./page_context.js";

const RINGS = new Set(["ringing", "dialling"]);

export class Receipts {
  #send;
  #told = new Map(); // card id -> stage -> rev
  #shown = new Map(); // card id -> card, of what stands on the page now

  constructor(send) {
    this.#send = send;
    for (const event of ["focus", "visibilitychange", "pageshow"]) {
      (event === "visibilitychange" ? document : window).addEventListener(event, () => this.#look());
    }
  }

  received(card) {
    this.#tell(card, "received");
  }

  notified(card) {
    this.#tell(card, "notified");
  }

  // After a render: painted is the frame that follows, in a visible page only.
  rendered(cards) {
    this.#shown = new Map(cards.map((card) => [card.id, card]));
    for (const id of this.#told.keys()) if (!this.#shown.has(id)) this.#told.delete(id);
    this.#look();
  }

  #look() {
    if (!isVisible() || !this.#shown.size) return;
    const cards = [...this.#shown.values()];
    requestAnimationFrame(() => afterPaint(() => {
      for (const card of cards) {
        this.#tell(card, "painted");
        if (isFocused()) this.#tell(card, "seen");
      }
    }));
  }

  #tell(card, stage) {
    const stages = this.#told.get(card.id) ?? new Map();
    const before = stages.get(stage);
    if (before !== undefined && (before >= card.rev || !RINGS.has(card.state))) return;
    this.#told.set(card.id, stages.set(stage, card.rev));
    this.#send(card.id, card.rev, stage);
  }
}

// A task queued in a frame runs after that frame was drawn.
function afterPaint(act) {
  const channel = new MessageChannel();
  channel.port1.onmessage = act;
  channel.port2.postMessage(null);
}
