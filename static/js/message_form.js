// A message to a customer: the text filled by the server, changed at will, sent through the office's gateway.
// An element of its own, so that the text survives what happens on the page around it, and a bad answer.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { page } from "./page_context.js";
import { randomId } from "./socket.js";
import { has, t } from "./translations.js";
import { icon, phone } from "./view_helpers.js";

const MOST = 1000;
const words = (code) => t(has(`message_problem.${code}`) ? `message_problem.${code}` : "message_problem.unknown");

class MessageForm extends HTMLElement {
  #draft = null; // { text, number, language, problem }, as the server filled it
  #open = false;
  #sending = false;
  #state = "";
  #bad = false;
  #request = randomId(); // the same until it was sent, so that nothing is sent twice

  connectedCallback() {
    this.#render();
  }

  async #toggle() {
    this.#open = !this.#open;
    if (this.#open && !this.#draft) await this.#load();
    this.#render();
    if (this.#open) this.querySelector("textarea")?.focus();
  }

  get #path() {
    return `/api/v1/customers/${this.dataset.customer}/message`;
  }

  async #load() {
    const answer = await fetch(`${this.#path}?${new URLSearchParams({ reason: this.dataset.reason })}`).catch(() => null);
    this.#draft = answer?.ok ? await answer.json() : { text: "", number: "", problem: answer ? "unknown" : "not_reachable" };
    if (this.#draft.problem) this.#report(words(this.#draft.problem), true);
  }

  async #send(event) {
    event.preventDefault();
    const text = this.querySelector("textarea").value;
    if (this.#sending || !text.trim()) return;
    this.#sending = true;
    this.#report(t("Sending …"));
    const body = JSON.stringify({ text, reason: this.dataset.reason, request: this.#request });
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": page.csrf };
    const answer = await fetch(this.#path, { method: "POST", headers, body }).catch(() => null);
    this.#sending = false;
    if (answer?.ok) {
      this.#request = randomId();
      this.#open = false;
      this.#draft = null;
      this.#report(t("Message sent."));
      this.querySelector("button")?.focus();
      return;
    }
    const { error } = (await answer?.json().catch(() => null)) ?? {};
    this.#report(words(error ?? (answer ? "unknown" : "not_reachable")), true);
  }

  #report(text, bad = false) {
    this.#state = text;
    this.#bad = bad;
    this.#render();
  }

  #render() {
    const name = this.dataset.name;
    render(html`<button type="button" class="small quiet" aria-expanded=${this.#open} @click=${() => this.#toggle()}>${icon("note")}${t("Message")}<span class="unseen"> ${name}</span></button>
      ${this.#open && this.#draft ? html`<form class="message-form" @submit=${(event) => this.#send(event)}>
        <label class="field">${t("Message to %(name)s", { name })}
          <textarea rows="4" maxlength=${MOST} dir="auto" lang=${this.#draft.language ?? page.lang} .defaultValue=${this.#draft.text}></textarea></label>
        <p class="hint">${t("The prepared texts are in the settings file of the server (messages.templates).")}</p>
        <p class="acts">${this.#draft.number ? phone(this.#draft.number) : nothing}
          <button class="main small" ?disabled=${this.#sending}>${t("Send")}</button>
          <button type="button" class="small" @click=${() => this.#toggle()}>${t("Close")}</button></p></form>` : nothing}
      <p class="message-state ${this.#bad ? "problem" : "calm"}" role="status">${this.#state}</p>`, this);
  }
}

customElements.define("message-form", MessageForm);
