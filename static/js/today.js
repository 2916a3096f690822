// The board's figures of the day: counted by the server from the call log, since the office's midnight.
import { now } from "./clock.js";

const AFTER_END_MS = 300; // several calls that end together are one request
const EVERY_S = 60;
const AGAIN_S = 5; // after a request that failed

export class Today {
  figures = null; // null until the server has answered: the page counts nothing itself
  #changed;
  #timer = 0;
  #dueAt = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), AFTER_END_MS);
  }

  // Called each second: other servers' calls end too, and at midnight a new day begins.
  tick() {
    if (now() >= Math.min(this.#dueAt, this.figures?.until ?? Infinity)) this.refresh();
  }

  async refresh() {
    this.#dueAt = now() + AGAIN_S;
    try {
      const answer = await fetch("/api/v1/board");
      if (!answer.ok) return;
      this.figures = await answer.json();
      this.#dueAt = now() + EVERY_S;
      this.#changed();
    } catch { /* not reachable: the banner shows it, and the figures stay as they were */ }
  }
}
