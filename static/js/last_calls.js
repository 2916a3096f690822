// The agent's last calls as this browser saw them: enough to find the one from ten minutes ago.
import { nameOf } from "./caller.js";
import { page } from "./page.js";

const KEY = `screenpop.last-calls.${page.user}`;
const MOST = 6;
const KEPT_STATES = new Set(["wrap_up"]);

export class LastCalls {
  #store;

  constructor(store = localStorage) {
    this.#store = store;
  }

  all() {
    return JSON.parse(this.#store.getItem(KEY) ?? "[]");
  }

  note(card) {
    if (!KEPT_STATES.has(card.state)) return;
    const name = nameOf(card);
    const talked = card.answered_at ? card.since - card.answered_at : null;
    const call = { id: card.id, call: card.call, name: name.text, number: Boolean(name.number), direction: card.direction, at: card.arrived_at, talked };
    const others = this.all().filter((one) => one.id !== card.id);
    this.#store.setItem(KEY, JSON.stringify([call, ...others].slice(0, MOST)));
  }
}
