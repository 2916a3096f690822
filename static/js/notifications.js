// While no tab is visible: one notification of the operating system over all tabs, and a title that flashes.
// Plain http has no notifications; the title and the sound do without.
import { plainName, certaintyOf } from "./caller_identity.js";
import { eachSecond } from "./clock.js";
import { isVisible } from "./page_context.js";
import { t } from "./translations.js";

const possible = () => "Notification" in window && window.isSecureContext;

export const permission = () => (possible() ? Notification.permission : "impossible");
export const askPermission = () => (possible() ? Notification.requestPermission() : Promise.resolve("impossible"));

const text = (pieces) => pieces.flat(Infinity).filter((piece) => typeof piece === "string").join("");

export class Notifier {
  #tabs;
  #open = new Map(); // card id -> Notification
  #title = document.title;
  #ringing = "";
  #odd = false;

  constructor(tabs) {
    this.#tabs = tabs;
    eachSecond(() => this.#flash());
    document.addEventListener("visibilitychange", () => this.#flash());
    setInterval(() => this.#flash(), 1000);
  }

  // True when the operating system shows a notification.
  ring(card) {
    if (this.#tabs.someoneLooks || !this.#tabs.speaks || permission() !== "granted") return false;
    const notice = new Notification(t("%(name)s is calling", { name: plainName(card) }), {
      body: text(certaintyOf(card)), tag: card.id, lang: document.documentElement.lang, dir: document.documentElement.dir,
    });
    notice.onclick = () => { window.focus(); notice.close(); };
    this.#open.set(card.id, notice);
    return true;
  }

  over(id) {
    this.#open.get(id)?.close();
    this.#open.delete(id);
  }

  ringing(card) {
    this.#ringing = card ? t("%(name)s is calling", { name: plainName(card) }) : "";
    this.#flash();
  }

  #flash() {
    this.#odd = !this.#odd;
    const title = this.#ringing && (isVisible() || this.#odd) ? `● ${this.#ringing}` : this.#title;
    if (document.title !== title) document.title = title;
  }
}
