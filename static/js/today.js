// The board's figures of the day: counted by the server from the call log, since the office's midnight.
import { now } from "./clock.js";

const AFTER_END_MS = 1000; // several calls that end together are one request
const EVERY_S = 60;
const AGAIN_S = 5; // after a request that failed

export class Today {
  figures = null; // null until the server has answered: the page counts nothing itself
  #changed;
  #address;
  #timer = 0;
  #dueAt = 0;

  // address(): where the figures are, with the filters of the moment.
  constructor(changed, address = () => "/api/v1/board") {
    this.#changed = changed;
    this.#address = address;
  }

  soon() {
    this.#timer ||= setTimeout(() => { this.#timer = 0; this.refresh(); }, AFTER_END_MS);
  }

  // Called each second: other servers' calls end too, and at midnight a new day begins.
  tick() {
    if (now() >= Math.min(this.#dueAt, this.figures?.until ?? Infinity)) this.refresh();
  }

  async refresh() {
    this.#dueAt = now() + AGAIN_S;
    try {
      const address = this.#address();
      const answer = await fetch(address);
      if (!answer.ok) return;
      const figures = await answer.json();
      if (address !== this.#address()) return; // other filters by now
      this.figures = figures;
      this.#dueAt = now() + EVERY_S;
      this.#changed();
    } catch { /* not reachable: the banner shows it, and the figures stay as they were */ }
  }
}
