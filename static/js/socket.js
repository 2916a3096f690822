// The line to the server: /ws/v1. It comes back for ever, asks for the whole picture after any gap,
// and knows when it was last heard. Needs no timer in a hidden page: heartbeats and waking drive it.
import { eachSecond, setServerTime } from "./clock.js";
import { isVisible, page } from "./page_context.js";

const SILENCE_MS = 12_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const STARTING_MS = 3_000;
const CHECK_MS = 5_000;
const ACK_AFTER = 32; // messages; fewer are acknowledged by the next receipt or heartbeat
// Code to what the login page shows about it.
const LOGIN_CODES = new Map([[4001, ""], [4003, "expired"], [4006, "password_changed"], [4007, "user_disabled"]]);
const STAY_AWAY_CODES = new Map([[4002, "refused"], [4005, "too_many_tabs"], [4010, "rights_changed"]]);

export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const TAB = randomId();

export class Line {
  #hear; // {snapshot, card, call, pbx, agent?, callback?, beat?, state, build, login?}
  #address;
  #socket = null;
  #position = null;
  #unacknowledged = 0;
  #welcomed = false;
  #heardAt = Date.now();
  #openedAt = 0;
  #startedAt = Date.now();
  #known = false; // once welcome, a page is no longer starting
  #tries = 0;
  #timer = 0;
  #aheadAt = null;
  #stopped = null;
  #rests = false;
  #commands = new Map();

  constructor(hear, address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1`) {
    this.#hear = hear;
    this.#address = address;
  }

  start() {
    eachSecond(() => this.check());
    // A hidden page gets few of these, which is enough: heartbeats do not need them.
    setInterval(() => isVisible() || this.check(), CHECK_MS);
    for (const [target, event] of [
      [document, "visibilitychange"], [document, "resume"],
      [window, "pageshow"], [window, "online"], [window, "focus"],
    ]) target.addEventListener(event, () => isVisible() && this.wake());
    this.#open();
  }

  get live() {
    return this.#welcomed && Date.now() - this.#heardAt < SILENCE_MS;
  }

  // Give the line up until ``wake``; a visible page wakes by itself.
  rest() {
    if (this.#stopped) return;
    this.#rests = true;
    this.#lost(0);
  }

  get rests() {
    return this.#rests;
  }

  // Done once however often the line breaks: the id stays the same until the answer is here.
  command(op, args) {
    const id = randomId();
    return new Promise((resolve) => {
      this.#commands.set(id, { message: { type: "command", id, op, args }, resolve });
      if (this.#welcomed) this.#say(this.#commands.get(id).message);
    });
  }

  // stages: the milliseconds that have passed since each was reached.
  receipt(card, rev, stages) {
    if (this.#welcomed) this.#say({ type: "receipt", card, rev, stages, ...this.#acknowledged() });
  }

  // A visible page that hears nothing gives the line up and opens another: "close" may never come.
  check() {
    if (this.#stopped || this.#rests) return;
    const silent = Date.now() - Math.max(this.#heardAt, this.#openedAt) >= SILENCE_MS;
    if (this.#socket && silent) this.#lost(0);
    this.#notify();
  }

  wake() {
    this.#rests = false;
    this.check();
    if (!this.#socket && !this.#stopped) this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#openedAt = Date.now();
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    const mine = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = mine(() =>
      this.#say({ type: "hello", last: this.#position, tab: TAB, build: page.build }));
    socket.onmessage = mine((event) => this.#heard(JSON.parse(event.data)));
    socket.onclose = mine((event) => this.#closed(event.code));
  }

  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #heard(message) {
    // A refusal to reconnect does not change since when the line is lost.
    if (message.type !== "bye") this.#heardAt = Date.now();
    if ("at" in message) setServerTime(message.at);
    switch (message.type) {
      case "welcome": return this.#welcome(message);
      case "snapshot": return this.#snapshot(message);
      case "card": return this.#next(message, () => this.#hear.card(message.card));
      case "call": return this.#next(message, () => this.#hear.call(message.call, message.gone === true));
      case "pbx": return this.#next(message, () => this.#hear.pbx(message));
      case "agent": return this.#next(message, () => this.#hear.agent?.(message.agent, message.gone === true));
      case "callback": return this.#next(message, () => this.#hear.callback?.(message.callback));
      case "hb": return this.#beat(message);
      case "result": return this.#result(message);
      case "bye": return this.#closed(message.code, message.retry_ms);
      default: return undefined; // a newer server may say more
    }
  }

  #welcome(message) {
    this.#welcomed = true;
    if (message.build && message.build !== page.build) this.#hear.build(message.build);
    if (message.mode !== "resumed") this.#position = null;
    else this.#ready();
  }

  #snapshot(message) {
    this.#position = { epoch: message.epoch, seq: message.seq };
    this.#hear.snapshot(message);
    this.#ready();
  }

  #ready() {
    this.#tries = 0;
    this.#known = true;
    this.#aheadAt = null;
    for (const { message } of this.#commands.values()) this.#say(message);
    this.#notify();
  }

  #next(message, apply) {
    const last = this.#position;
    if (last && message.epoch === last.epoch && message.seq <= last.seq) return;
    if (!last || message.epoch !== last.epoch || message.seq !== last.seq + 1) return void this.#anew();
    this.#position = { epoch: message.epoch, seq: message.seq };
    this.#unacknowledged += 1;
    apply();
    if (this.#unacknowledged >= ACK_AFTER) this.#say({ type: "ack", ...this.#acknowledged() });
  }

  // Everything up to here is applied; no other message acknowledges it again.
  #acknowledged() {
    this.#unacknowledged = 0;
    return this.#position ? { seq: this.#position.seq } : {};
  }

  #beat(message) {
    this.#say({ type: "hb", ...this.#acknowledged() });
    this.#hear.beat?.(message);
    this.#notify();
    const last = this.#position;
    if (!last) return;
    // The head may be ahead of what is still on its way to us, but not for two beats.
    const stuck = message.seq > last.seq && this.#aheadAt === last.seq;
    this.#aheadAt = message.seq > last.seq ? last.seq : null;
    if (stuck || message.epoch !== last.epoch) this.#anew();
  }

  #result(message) {
    const asked = this.#commands.get(message.id);
    this.#commands.delete(message.id);
    asked?.resolve(message);
  }

  // Something is missing: never guess, take the whole picture.
  #anew() {
    this.#position = null;
    this.#lost(0);
  }

  #closed(code, retryMs) {
    if (this.#stopped === "login") return undefined; // the bye has sent us there already
    if (LOGIN_CODES.has(code)) {
      this.#stopped = "login";
      const next = location.pathname + location.search;
      const why = LOGIN_CODES.get(code);
      const address = `/login?next=${encodeURIComponent(next)}${why ? `&why=${why}` : ""}`;
      if (this.#hear.login) return void (this.#lost(0), this.#hear.login(address));
      return location.assign(address);
    }
    if (STAY_AWAY_CODES.has(code)) this.#stopped = STAY_AWAY_CODES.get(code);
    return this.#lost(retryMs ?? 0);
  }

  #lost(leastMs) {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    socket?.close();
    this.#notify();
    clearTimeout(this.#timer);
    if (this.#stopped || this.#rests) return;
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    this.#timer = setTimeout(() => this.#open(), leastMs + Math.random() * most);
  }

  #notify() {
    const starting = !this.#known && !this.#stopped && Date.now() - this.#startedAt < STARTING_MS;
    this.#hear.state({ live: this.live, starting, heardAt: this.#heardAt / 1000, stopped: this.#stopped });
  }
}
