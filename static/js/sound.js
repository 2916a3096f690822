// A short sound by kind of caller, made here; which one for which kind is the user's choice.
// A browser lets a page sound only after a first click or key; until then the button shows it.
import { page } from "./page_context.js";

const NOTES = { three_notes: [659, 784, 988], two_notes: [587, 784], one_note: [523], none: [] };
const REPEATS_S = [0, 4, 8];
const KEY = "screenpop.muted";

export const kindOf = (card) => (!card.person ? "unknown" : card.person.vip || card.person.tier === "platinum" ? "vip" : "known");

export class Sound {
  #context = null;
  #playing = new Map(); // card id -> its oscillators
  #due = new Map(); // card id -> card, of rings that began before the browser allowed a sound
  #changed;

  constructor(changed = () => {}) {
    this.#changed = changed;
    const wake = () => this.#wake();
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, wake, { capture: true });
    addEventListener("storage", (event) => event.key === KEY && changed());
  }

  // "on", "muted", or "asleep": allowed by the agent, not yet by the browser.
  get state() {
    if (localStorage.getItem(KEY) === "yes") return "muted";
    return this.#context?.state === "running" ? "on" : "asleep";
  }

  // ``seen``: the state the agent saw when deciding; the same click may just have woken the sound.
  toggle(seen = this.state) {
    const mute = seen === "on";
    if (mute) localStorage.setItem(KEY, "yes");
    else localStorage.removeItem(KEY);
    if (mute) this.silence();
    this.#wake();
    this.#changed();
  }

  // A page that has not been touched yet may sound where the browser remembers a click on the page before.
  ring(card) {
    if (this.state === "asleep") {
      this.#due.set(card.id, card);
      return this.#wake();
    }
    if (this.state !== "on" || this.#playing.has(card.id)) return;
    const begin = this.#context.currentTime;
    this.#playing.set(card.id, REPEATS_S.flatMap((offset) =>
      NOTES[page.sounds[kindOf(card)]].map((pitch, i) => this.#note(pitch, begin + offset + i * 0.16))));
  }

  // One repeat of a sound, after a click on a button.
  play(name) {
    this.#context ??= new AudioContext();
    this.#context.resume();
    NOTES[name].forEach((pitch, i) => this.#note(pitch, this.#context.currentTime + i * 0.16));
  }

  // Without an id: everything.
  silence(id) {
    if (id === undefined) this.#due.clear();
    else this.#due.delete(id);
    for (const [card, notes] of this.#playing) {
      if (id !== undefined && card !== id) continue;
      notes.forEach((note) => note.stop());
      this.#playing.delete(card);
    }
  }

  #note(pitch, at) {
    const tone = this.#context.createOscillator();
    const loud = this.#context.createGain();
    tone.type = "sine";
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.16, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(loud).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + 0.55);
    return tone;
  }

  #wake() {
    if (!("AudioContext" in window) || this.#context?.state === "running") return;
    this.#context ??= new AudioContext();
    this.#context.onstatechange = () => {
      this.#changed();
      if (this.state !== "on") return;
      const due = [...this.#due.values()];
      this.#due.clear();
      due.forEach((card) => this.ring(card));
    };
    this.#context.resume();
  }
}
