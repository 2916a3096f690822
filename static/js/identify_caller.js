// In the card: identify the caller. Link them to a customer, put them on file, or choose one of several.
// An element of its own, so that text typed here survives every new revision of the card.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { page } from "./page_context.js";
import { between, icon, phone, userText } from "./view_helpers.js";
import { markedApart, personFacts } from "./candidate_facts.js";
import { coded, has, t } from "./translations.js";

const SEARCH_AFTER_MS = 120;
const MOST_SHOWN = 6;
const MOST_ON_FILE = 3;
const KEEP_AFTER_MS = 250;
const NAMEABLE = new Set(["none", "shared", "maybe"]);
const PERSIAN = /[\u0600-\u06ff]/;
const GREEK = /[\u0370-\u03ff\u1f00-\u1fff]/;

// A caller whose file is hidden from this agent is known: neither a new customer nor a link is accepted.
const isNameable = ({ match, match_reason: reason }) => NAMEABLE.has(match) && reason?.code !== "hidden_file";
const hasNumber = ({ caller }) => caller.kind === "number" || (caller.kind === "raw" && /\d{9}/.test(caller.raw.replace(/\D/g, "")));

// Below an unknown, shared or uncertain caller; nothing for a known caller or a withheld number.
// A form with text stays, folded or not, whatever the card has learnt meanwhile.
export const identifyCallerView = (card, whole, filled) => (filled || (whole && isNameable(card) && hasNumber(card))
  ? html`<identify-caller data-card=${card.id} data-name=${card.caller.name} data-match=${card.match}></identify-caller>` : nothing);

// Each of several gets a button; the one chosen the last time is marked.
export const chooseView = (card, person) => (hasNumber(card) && card.state !== "listening"
  ? html`${card.match_reason?.params?.last === person.id ? html`<span class="pill good">${icon("check")}${t("rank.chosen_before")}</span>` : nothing}
    <button type="button" class="small main" data-identify="choose" data-card=${card.id} data-customer=${person.id}>${t("This is the caller")}</button>`
  : nothing);

export const fileLink = ({ person }) => (person
  ? html`· <a href="/customers/${person.id}" target="_blank">${t("Open the file")}</a>` : nothing);

// A link, a choice or a new customer of this call can be undone by every agent who has its card. The status is filled
// by `listenForIdentify`.
export const undoLinkView = (card) => (card.linked_by && card.person && card.state !== "listening"
  ? html`· <button type="button" class="link-like" data-identify="unlink" data-card=${card.id}>${card.created_here
      ? t("Created by mistake? Delete") : t("Wrong customer? Undo")}</button> <span class="undo-refused" role="status"></span>` : nothing);

// Asks the page's line to the server; the owner of the line answers.
export function ask(element, op, args) {
  return new Promise((resolve) => {
    element.dispatchEvent(new CustomEvent("identify", { bubbles: true, detail: { op, args, resolve } }));
  });
}

export function listenForIdentify(line, root) {
  root.addEventListener("identify", ({ detail: { op, args, resolve } }) => line.command(op, args).then(resolve));
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-identify]");
    if (!button) return;
    const { identify: op, card, customer } = button.dataset;
    button.disabled = true;
    const status = op === "unlink" ? button.parentElement.querySelector(".undo-refused") : null;
    ask(button, op, customer ? { card, customer: Number(customer) } : { card }).then((answer) => {
      button.disabled = false;
      if (status) status.textContent = answer.ok ? "" : refusal(answer.error);
    });
  });
}

export const refusal = (code = "") => (has(`error.${code}`) ? coded("error", code) : t("The action failed."));

class IdentifyCaller extends HTMLElement {
  #mode = "";
  #found = null;
  #message = "";
  #timer = 0;
  #asked = 0;
  #keepTimer = 0;

  connectedCallback() {
    if (!this.dataset.bound) {
      this.dataset.bound = "yes";
      this.addEventListener("click", (event) => this.#clicked(event));
      this.addEventListener("input", () => this.#keepSoon());
      addEventListener("pagehide", () => this.#keepTimer && this.#keep());
      this.#recall();
      this.addEventListener("input", (event) => {
        if (event.target.type === "search") this.#typed(event.target.value);
        else this.#lookForName();
      });
      this.addEventListener("submit", (event) => { event.preventDefault(); this.#create(event.target); });
      this.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.#mode) { event.stopPropagation(); this.#show(""); } });
    }
    this.#render();
  }

  // True when its fields hold something that is not there by itself.
  get isFilled() {
    return [...this.querySelectorAll("input")].some((field) => field.value !== field.defaultValue);
  }

  // mode: "create" or "link".
  open(mode) {
    if (this.#mode !== mode) this.#show(mode);
    else this.querySelector("input")?.focus();
  }

  #clicked(event) {
    const { mode, customer } = event.target.closest("button")?.dataset ?? {};
    if (mode !== undefined) this.#show(this.#mode === mode ? "" : mode);
    if (customer && !event.target.closest("[data-identify]")) this.#send("link", { customer: Number(customer) });
  }

  // A half-filled form is kept with the card at the server, so that a reload loses nothing and nothing of a
  // customer is left in the browser.
  #keepSoon() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  #keep() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = 0;
    if (!this.isConnected) return;
    const draft = this.#mode ? { mode: this.#mode } : {};
    for (const field of this.querySelectorAll("input, select")) draft[field.name || "search"] = field.value;
    ask(this, "draft", { card: this.dataset.card, draft });
  }

  async #recall() {
    const { ok, value } = await ask(this, "draft", { card: this.dataset.card });
    const draft = ok ? value.draft : {};
    if (this.#mode || !draft.mode) return;
    this.#mode = draft.mode;
    this.#render();
    for (const field of this.querySelectorAll("input, select")) {
      const text = draft[field.name || "search"];
      if (text !== undefined) field.value = text;
    }
    if (draft.search) this.#search(draft.search);
    this.#lookForName();
  }

  #show(mode) {
    this.#mode = mode;
    this.#message = "";
    this.#found = null;
    this.#render();
    this.querySelector("input")?.focus({ preventScroll: true });
    this.#inSight();
    this.#lookForName();
    this.#keepSoon();
  }

  // A new customer who may be on file is shown while the name is typed: a whole name, in any script.
  #lookForName() {
    const form = this.querySelector(".identify-create");
    if (!form) return;
    const { given, family } = Object.fromEntries(new FormData(form));
    this.#typed(given.trim() && family.trim() ? `${given} ${family}` : "");
  }

  #typed(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(text), SEARCH_AFTER_MS);
  }

  async #search(text) {
    const turn = ++this.#asked;
    if (!text.trim()) { this.#found = null; return this.#render(); }
    const answer = await fetch(`/api/v1/customers?q=${encodeURIComponent(text)}&order=best`).catch(() => null);
    const body = answer?.ok ? await answer.json() : { customers: [] };
    if (turn !== this.#asked) return undefined; // a newer search is on its way
    this.#found = markedApart(body.customers.slice(0, this.#mode === "create" ? MOST_ON_FILE : MOST_SHOWN));
    this.#render();
    return this.#inSight();
  }

  #create(form) {
    const { given, family, language } = Object.fromEntries(new FormData(form));
    this.#send("create", { given, family, language });
  }

  async #send(op, args) {
    this.#message = "";
    const answer = await ask(this, op, { card: this.dataset.card, ...args });
    if (answer.ok) {
      this.#mode = "";
      this.#keepSoon();
    }
    this.#message = answer.ok ? t("Linked.") : refusal(answer.error);
    this.#render(!answer.ok);
  }

  #render(bad = false) {
    render(html`
      <div class="identify-actions">
        ${this.dataset.match === "none" ? html`<button type="button" class="main" data-mode="create" aria-expanded=${this.#mode === "create"}>${icon("person")}${t("New customer")}</button>` : nothing}
        <button type="button" data-mode="link" aria-expanded=${this.#mode === "link"}>${icon("search")}${t("Link to a customer")}</button>
      </div>
      ${this.#mode === "link" ? this.#searchView() : this.#mode === "create" ? this.#createView() : nothing}
      <p class="caller-confirmed" role="status" ?data-bad=${bad}>${this.#message}</p>`, this);
  }

  #searchView() {
    return html`<div class="identify-search" role="search">
      <span class="search">${icon("search")}<input type="search" dir="auto" maxlength="100" autocomplete="off"
        aria-label=${t("Name, number or place")} placeholder=${t("Name, number or place")}></span>
      <div class="identify-result">${this.#found?.length === 0 ? html`<p class="calm">${t("No matches.")}</p>` : nothing}
        ${this.#foundView()}</div>
    </div>`;
  }

  #foundView() {
    return (this.#found ?? []).map((one) => html`<button type="button" data-customer=${one.id}>
          <span class="found-customer"><b>${userText(one.name)}</b>
            ${one.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
            ${one.tier && one.tier !== "none" ? html`<span class="pill ${one.tier}">${coded("tier", one.tier)}</span>` : nothing}
            ${one.household ? html`<span class="soft">${userText(one.household)}</span>` : nothing}</span>
          <span class="soft found-phones">${between(one.phones.slice(0, 2).map((each) => phone(each.number)))}</span>
          <small class="soft">${personFacts(one)}</small></button>`);
  }

  // All of the form, above the note: its end first, then its head where both do not fit.
  #inSight() {
    this.scrollIntoView({ block: "end" });
    // The results may be taller than the card: then its input stays in sight rather than their end.
    this.querySelector(".identify-search input, .identify-create")?.scrollIntoView({ block: "nearest" });
  }

  #createView() {
    const name = this.dataset.name.trim();
    const cut = name.lastIndexOf(" ");
    const language = PERSIAN.test(name) ? "fa" : GREEK.test(name) ? "el" : name ? "en" : page.lang;
    return html`<form class="identify-create">
      <label class="field">${t("Given name")}<input name="given" dir="auto" maxlength="100" .defaultValue=${cut < 0 ? name : name.slice(0, cut)} autocomplete="off"></label>
      <label class="field">${t("Family name")}<input name="family" dir="auto" maxlength="100" .defaultValue=${cut < 0 ? "" : name.slice(cut + 1)} autocomplete="off"></label>
      <label class="field">${t("Language")}<select name="language">${[["en", "English"], ["fa", "فارسی"], ["el", "Ελληνικά"]].map(([code, words]) =>
        html`<option value=${code} ?selected=${code === language}>${words}</option>`)}</select></label>
      <button class="main">${t("Save")}</button>
    </form>
    ${this.#found?.length ? html`<div class="identify-result on-file" role="group" aria-label=${t("This customer may be on file already")}>
      <p class="calm">${t("This customer may be on file already")}. ${t("Link to a customer")}:</p>${this.#foundView()}</div>` : nothing}`;
  }
}

customElements.define("identify-caller", IdentifyCaller);
