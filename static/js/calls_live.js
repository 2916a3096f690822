// The calls of the board, and what became of those that ended while it was open. No page in here.
const MOST_ENDED = 8;

export class Calls {
  #calls = new Map();
  #ended = [];
  #answered = 0;
  #lost = 0;
  since = Date.now() / 1000;

  // After a gap nobody knows what ended meanwhile, so the count begins anew.
  replace(calls) {
    this.since = Date.now() / 1000;
    this.#answered = this.#lost = 0;
    this.#calls = new Map(calls.map((call) => [call.id, call]));
  }

  apply(call) {
    if (call.state !== "ended") return void this.#calls.set(call.id, call);
    this.#calls.delete(call.id);
    if (call.direction !== "inbound" || this.#ended.some((one) => one.id === call.id)) return;
    if (call.disposition === "answered") this.#answered += 1;
    else this.#lost += 1;
    this.#ended = [call, ...this.#ended].slice(0, MOST_ENDED);
  }

  groups() {
    const of = (...states) => [...this.#calls.values()].filter((call) => states.includes(call.state));
    return {
      waiting: of("waiting"),
      ringing: of("ringing"),
      talking: of("talking", "held").sort((a, b) => a.since - b.since),
      dialling: of("dialling").sort((a, b) => a.since - b.since),
      ended: { answered: this.#answered, lost: this.#lost, last: this.#ended },
    };
  }
}
