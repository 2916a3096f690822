// <elapsed-time since="1790000000.5">: how long ago that was, counted from the moment itself.
import { eachSecond, now } from "./clock.js";
import { length } from "./date_format.js";

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["since"];
  #leave;

  connectedCallback() {
    this.#leave = eachSecond(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#leave?.();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  #show() {
    const since = Number(this.getAttribute("since"));
    const text = Number.isFinite(since) && since > 0 ? length(now() - since) : "";
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define("elapsed-time", ElapsedTime);
