// The cards on the desk: which there are, in which order, which of them is whole. No page in here.
import { opensByItself } from "./card_opening.js";

const LEAVES_AFTER_MS = 6_000;
const STAYS_AFTER_USE_MS = 8_000; // a card whose call is over, after its last field was left and saved
const RANK = { talking: 0, dialling: 0, listening: 0, held: 1, ringing: 2, wrap_up: 3, missed: 4, elsewhere: 5, gone: 6 };
const OPEN = new Set(["talking", "dialling", "listening", "held", "ringing", "wrap_up"]);

export class Cards {
  #cards = new Map();
  #seenAt = new Map(); // id -> {state, at}
  #usedAt = new Map(); // id -> when its fields were last in use, of cards that would have left
  #putAway = new Set(); // ids the agent closed
  #closed;
  #isUsed;
  chosen = null;

  // isUsed(id): a field of the card has the focus, or holds text that is not saved.
  constructor(closed = new DismissedCards(), isUsed = () => false) {
    this.#closed = closed;
    this.#isUsed = isUsed;
  }

  // Returns the card before it, or null when this one is not newer.
  apply(card, at = Date.now()) {
    const before = this.#cards.get(card.id);
    if (before && before.rev >= card.rev) return null;
    if (card.state === "gone") this.#over(card, at);
    else this.#put(card, at);
    return before ?? { state: "" };
  }

  // The whole picture: what is not in it is not there.
  replace(cards, at = Date.now()) {
    const ids = new Set(cards.map((card) => card.id));
    for (const [id, card] of this.#cards) if (!ids.has(id)) this.#over({ ...card, state: "gone" }, at);
    const fresh = cards.filter((card) => !this.#cards.has(card.id));
    for (const card of cards) {
      if (card.state === "gone") this.#over(card, at);
      else this.#put(card, at);
    }
    return fresh.filter((card) => card.state !== "gone");
  }

  #put(card, at) {
    if (this.#seenAt.get(card.id)?.state !== card.state) this.#seenAt.set(card.id, { state: card.state, at });
    if (OPEN.has(card.state)) this.#usedAt.delete(card.id);
    if (OPEN.has(card.state) && card.state !== "wrap_up") this.#putAway.delete(card.id);
    this.#cards.set(card.id, card);
  }

  // A card that leaves stays, folded, as long as it is in use.
  #over(card, at) {
    if (!this.#cards.has(card.id) || !this.#stays(card.id, at)) return this.#drop(card.id);
    if (this.chosen === card.id && this.#cards.get(card.id).state !== "gone") this.chosen = null;
    return this.#put(card, at);
  }

  #drop(id) {
    this.#cards.delete(id);
    this.#seenAt.delete(id);
    this.#usedAt.delete(id);
    this.#putAway.delete(id);
    if (this.chosen === id) this.chosen = null;
  }

  close(id) {
    this.#closed.add(id, this.#cards.get(id)?.state);
    this.#putAway.add(id);
    if (this.chosen === id) this.chosen = null;
  }

  get(id) {
    return this.#cards.get(id);
  }

  // In the order the eye needs: the call in hand, then what rings, then what is over.
  shown(at = Date.now()) {
    const shown = [...this.#cards.values()].filter((card) => this.#isShown(card, at));
    for (const [id, { state }] of [...this.#cards]) {
      if (state === "gone" && !shown.some((card) => card.id === id)) this.#drop(id);
    }
    return shown.sort((a, b) => RANK[a.state] - RANK[b.state]
      || (b.answered_at ?? 0) - (a.answered_at ?? 0) || a.arrived_at - b.arrived_at);
  }

  missed() {
    return [...this.#cards.values()]
      .filter((card) => card.state === "missed" && !this.#closed.has(card.id, card.state))
      .sort((a, b) => b.since - a.since);
  }

  ringing() {
    return this.shown().filter((card) => card.state === "ringing");
  }

  // One card is whole: the one chosen, else the first that is on or in wrap-up and opens by itself, else the
  // first in use.
  whole(shown) {
    const chosen = shown.find((card) => card.id === this.chosen);
    return chosen ?? shown.find((card) => OPEN.has(card.state) && opensByItself(card))
      ?? shown.find((card) => this.isKept(card)) ?? null;
  }

  // Still here only because its fields are, or were a moment ago, in use.
  isKept(card) {
    return !OPEN.has(card.state) && this.#usedAt.has(card.id);
  }

  #isShown(card, at) {
    if (this.#closed.has(card.id, card.state) || this.#putAway.has(card.id)) return false;
    if (OPEN.has(card.state)) return true;
    return this.#stays(card.id, at) || (card.state === "elsewhere" && !this.#left(card, at));
  }

  #stays(id, at) {
    if (this.#putAway.has(id)) return false;
    if (this.#isUsed(id)) this.#usedAt.set(id, at);
    else if (at - (this.#usedAt.get(id) ?? -Infinity) >= STAYS_AFTER_USE_MS) this.#usedAt.delete(id);
    return this.#usedAt.has(id);
  }

  #left(card, at) {
    return at - (this.#seenAt.get(card.id)?.at ?? at) >= LEAVES_AFTER_MS;
  }
}

// What the agent has put away stays away, also after a reload; a new state brings a card back.
export class DismissedCards {
  #store;
  #key;

  constructor(key = "screenpop.closed", store = sessionStorage) {
    this.#store = store;
    this.#key = key;
  }

  #all() {
    return JSON.parse(this.#store.getItem(this.#key) ?? "[]");
  }

  add(id, state) {
    this.#store.setItem(this.#key, JSON.stringify([...this.#all(), `${id} ${state}`].slice(-200)));
  }

  has(id, state) {
    return this.#all().includes(`${id} ${state}`);
  }
}
