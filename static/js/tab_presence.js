// Several tabs of one user: which of them alerts, so that one ring is one notification and one sound.
// Presence is sent with each heartbeat of the server, so it needs no timer and no lock.
import { isVisible, page } from "./page_context.js";

const STALE_MS = 13_000;
const DESKS = new Set(["desk", "board"]); // pages that never rest

export class Tabs {
  #me;
  #channel;
  #others = new Map(); // tab -> {visible, at}
  #hear = () => {};
  #bye = () => {};

  constructor(me, name = "screenpop") {
    this.#me = me;
    this.#channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.present({ ask: true });
    document.addEventListener("visibilitychange", () => this.present());
    addEventListener("pagehide", () => this.#say({ bye: true }));
    addEventListener("pageshow", () => this.present({ ask: true }));
  }

  onMessage(hear) {
    this.#hear = hear;
  }

  // hear(): another tab has gone.
  onBye(hear) {
    this.#bye = hear;
  }

  present(more = {}) {
    this.#say({ visible: isVisible(), desk: DESKS.has(page.name), ...more });
  }

  // What one tab does for all: silence, sound on or off.
  send(what) {
    this.#say({ what });
  }

  // The visible tab speaks; with none or several, the one with the lowest id.
  get speaks() {
    const others = this.#living();
    const seen = others.filter(([, tab]) => tab.visible);
    if (isVisible()) return seen.every(([id]) => id > this.#me);
    return !seen.length && others.every(([id]) => id > this.#me);
  }

  get someoneLooks() {
    return isVisible() || this.#living().some(([, tab]) => tab.visible);
  }

  // Another tab is sure to listen while this one rests: one in sight, a desk, or the one with the lowest id.
  get isSpare() {
    return this.#living().some(([id, tab]) => tab.visible || tab.desk || id < this.#me);
  }

  #living() {
    const oldest = Date.now() - STALE_MS;
    return [...this.#others].filter(([, tab]) => tab.at > oldest);
  }

  #say(message) {
    this.#channel?.postMessage({ tab: this.#me, ...message });
  }

  #heard({ tab, visible, desk, ask, bye, what }) {
    if (bye) return void (this.#others.delete(tab), this.#bye());
    if (what) return void this.#hear(what);
    this.#others.set(tab, { visible, desk, at: Date.now() });
    if (ask) this.present();
  }
}
