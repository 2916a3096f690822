// The calls of the board, and the last that ended while it was open. No page in here.
const MOST_ENDED = 8;

export class Calls {
  #calls = new Map();
  #ended = [];

  replace(calls) {
    this.#calls = new Map(calls.map((call) => [call.id, call]));
  }

  // gone: it has ended, or it belongs to others now.
  apply(call, gone = false) {
    if (!gone && call.state !== "ended") return void this.#calls.set(call.id, call);
    this.#calls.delete(call.id);
    if (call.state !== "ended") return;
    if (call.direction !== "inbound" || this.#ended.some((one) => one.id === call.id)) return;
    this.#ended = [call, ...this.#ended].slice(0, MOST_ENDED);
  }

  get all() {
    return [...this.#calls.values()];
  }

  groups(shows = () => true) {
    const shown = this.all.filter(shows);
    const of = (...states) => shown.filter((call) => states.includes(call.state));
    return {
      waiting: of("waiting"),
      ringing: of("ringing"),
      talking: of("talking", "held").sort((a, b) => a.since - b.since),
      dialling: of("dialling").sort((a, b) => a.since - b.since),
      ended: this.#ended.filter(shows),
    };
  }
}
