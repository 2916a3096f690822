// The agent's last calls, as the call log has them.
const MOST = 6;
const AFTER_MS = 1_500; // the log is written after the push

export class LastCalls {
  rows = null;
  #changed;
  #timer = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), AFTER_MS);
  }

  async refresh() {
    try {
      const answer = await fetch("/api/v1/calls");
      if (!answer.ok) return;
      this.rows = (await answer.json()).calls.slice(0, MOST);
      this.#changed();
    } catch { /* not reachable: the banner shows it, and the list stays as it was */ }
  }
}
