// The cards on the desk: which there are, in which order, which of them is whole. No page in here.
const LEAVES_AFTER_MS = 6_000;
const RANK = { talking: 0, dialling: 0, held: 1, ringing: 2, wrap_up: 3, missed: 4, elsewhere: 5 };

export class Cards {
  #cards = new Map();
  #seenAt = new Map(); // id -> {state, at}
  #closed;
  chosen = null;

  constructor(closed = new ClosedCards()) {
    this.#closed = closed;
  }

  // Returns the card before it, or null when this one is not newer.
  apply(card, at = Date.now()) {
    const before = this.#cards.get(card.id);
    if (before && before.rev >= card.rev) return null;
    if (card.state === "gone") this.#drop(card.id);
    else this.#put(card, at);
    return before ?? { state: "" };
  }

  // The whole picture: what is not in it is not there.
  replace(cards, at = Date.now()) {
    const ids = new Set(cards.map((card) => card.id));
    for (const id of this.#cards.keys()) if (!ids.has(id)) this.#drop(id);
    const fresh = cards.filter((card) => !this.#cards.has(card.id));
    for (const card of cards) {
      if (card.state === "gone") this.#drop(card.id);
      else this.#put(card, at);
    }
    return fresh.filter((card) => card.state !== "gone");
  }

  #put(card, at) {
    if (this.#seenAt.get(card.id)?.state !== card.state) this.#seenAt.set(card.id, { state: card.state, at });
    this.#cards.set(card.id, card);
  }

  #drop(id) {
    this.#cards.delete(id);
    this.#seenAt.delete(id);
    if (this.chosen === id) this.chosen = null;
  }

  close(id) {
    this.#closed.add(id, this.#cards.get(id)?.state);
    if (this.chosen === id) this.chosen = null;
  }

  get(id) {
    return this.#cards.get(id);
  }

  // In the order the eye needs: the call in hand, then what rings, then what is over.
  shown(at = Date.now()) {
    return [...this.#cards.values()]
      .filter((card) => card.state !== "missed" && !this.#closed.has(card.id, card.state) && !this.#left(card, at))
      .sort((a, b) => RANK[a.state] - RANK[b.state]
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

  // One card is whole: the one chosen, else the first; a card that leaves never is.
  whole(shown) {
    const chosen = shown.find((card) => card.id === this.chosen);
    return chosen ?? shown.find((card) => card.state !== "elsewhere") ?? null;
  }

  #left(card, at) {
    return card.state === "elsewhere" && at - (this.#seenAt.get(card.id)?.at ?? at) >= LEAVES_AFTER_MS;
  }
}

// What the agent has put away stays away, also after a reload; a new state brings a card back.
export class ClosedCards {
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
