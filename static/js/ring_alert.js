// What a ring does besides the card: the words for a screen reader, the notification, the sound, the title.
// The desk and the bar of the other pages share it, so that one ring is one reaction over all tabs.
import { opensByItself } from "./card_opening.js";
import { plainName } from "./caller_identity.js";
import { Notifier } from "./notifications.js";
import { isVisible } from "./page_context.js";
import { t } from "./translations.js";

export class RingAlert {
  #announced = new Set(); // card ids
  #tabs;
  #sound;
  #live; // the element a screen reader listens to
  #notifier;

  constructor(tabs, sound, live) {
    this.#tabs = tabs;
    this.#sound = sound;
    this.#live = live;
    this.#notifier = new Notifier(tabs);
    tabs.onMessage((what) => what === "silence" && sound.silence());
  }

  // A card as it is now: begins or ends what belongs to its ring. Returns whether the agent was notified of a
  // ring here otherwise than by the card itself.
  follow(card) {
    if (card.state !== "ringing" || !opensByItself(card)) return this.#stop(card.id);
    return this.#ring(card);
  }

  // The cards of a snapshot: rings of cards that are not among them are over.
  only(cards) {
    const ids = new Set(cards.filter((card) => card.state === "ringing").map((card) => card.id));
    for (const id of this.#announced) if (!ids.has(id)) this.#stop(id);
  }

  // The card whose name flashes in the title; undefined for none.
  title(card) {
    this.#notifier.ringing(card);
  }

  silence() {
    this.#sound.silence();
    this.#tabs.send("silence");
  }

  #ring(card) {
    if (this.#announced.has(card.id)) return false;
    this.#announced.add(card.id);
    const name = plainName(card);
    const line = card.line.label;
    this.#live.textContent = line
      ? t("%(name)s is calling on %(line)s", { name, line }) : t("%(name)s is calling", { name });
    const notified = this.#notifier.ring(card) || !isVisible();
    if (this.#tabs.speaks) this.#sound.ring(card);
    return notified;
  }

  #stop(id) {
    if (!this.#announced.delete(id)) return false;
    this.#sound.silence(id);
    this.#notifier.over(id);
    if (!this.#announced.size) this.#live.textContent = "";
    return false;
  }
}
