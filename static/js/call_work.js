// On the card: the purpose and the result of the call, a case for a complaint, and follow-ups, each in one tap.
// An element of its own, so that text typed here survives every new revision of the card. What it needs is
// asked for after the ring, not sent with the card.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { day, number, shortMomentWithTime } from "./date_format.js";
import { askedFactView, savedWords } from "./asked_fact.js";
import { ask, refusal } from "./identify_caller.js";
import { ownValuesView } from "./own_values.js";
import { page } from "./page_context.js";
import { randomId } from "./socket.js";
import { between, icon, piece, userText } from "./view_helpers.js";
import { coded, t, tn } from "./translations.js";
import { reasonOf, wordsFor } from "./work_reasons.js";
import { valueView } from "./value_view.js";

const QUICK_DAYS = [["tomorrow", "Tomorrow"], ["in_3_days", "In 3 days"], ["next_week", "Next week"]];
const WITH_CUSTOMER = new Set(["certain"]);
const KEPT = ".work-form :is(input, select), [name=answer]";
const KEEP_AFTER_MS = 250;
const MOST_SHOWN = 3;
const KINDS = [["purpose", ""], ["agent_disposition", "⇧"]]; // each with what is held for its keys

// Not while it rings: then the agent has a second, and the call has no purpose yet.
export const callWorkView = (card, whole, filled) => (card.state !== "ringing" && (whole || filled)
  ? html`<call-work data-card=${card.id} data-customer=${card.person && WITH_CUSTOMER.has(card.match) ? card.person.id : ""}
      data-direction=${card.direction}
      data-answered=${card.answered_at == null ? "no" : "yes"}></call-work>`
  : nothing);

// The example of a day, as a form in this language wants it.
function exampleDay(iso) {
  if (page.lang !== "fa") return iso;
  const shape = { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "UTC" };
  return new Intl.DateTimeFormat("fa-IR", shape).format(new Date(`${iso}T00:00:00Z`));
}

const nameOf = (names) => names[page.lang] || names.en || Object.values(names)[0] || "";

class CallWork extends HTMLElement {
  static observedAttributes = ["data-customer", "data-answered"];
  #work = null; // as the server has it
  #reason = null; // why the customer is called, on calls that we make
  #keepTimer = 0;
  #isRecalled = false;
  #open = false; // the form for a promise and another day
  #colleagues = null; // whom a follow-up can be for; null: not there yet
  #assigned; // the colleague of a kept form
  #busy = false;
  #saved = Promise.resolve(); // when the label chosen last is saved
  #saving = 0; // labels on their way to the server
  #message = "";
  #bad = false;
  #badAnswer = false;
  #sharedWith = []; // the other customers of a second number that is not saved yet
  #request = randomId(); // the same until its answer is here, so that nothing is made twice

  connectedCallback() {
    if (!this.dataset.bound) {
      this.dataset.bound = "yes";
      this.addEventListener("click", (event) => this.#clicked(event));
      this.addEventListener("submit", (event) => { event.preventDefault(); this.#submitted(event.target); });
      this.addEventListener("input", (event) => { this.#typed(event.target); this.#keepSoon(); });
      addEventListener("pagehide", () => this.#keepTimer && this.#keep());
      this.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.#open) { event.stopPropagation(); this.#show(false); } });
    }
    this.#load().then(() => this.#recall());
  }

  // Half-filled fields are kept with the card at the server, so that a reload loses nothing and nothing of a
  // customer is left in the browser.
  #keepSoon() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  #keep() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = 0;
    if (!this.isConnected) return;
    const draft = this.#open ? { mode: "open" } : {};
    for (const field of this.querySelectorAll(KEPT)) draft[field.name] = field.value;
    this.#ask("draft", { form: "work", draft });
  }

  #recall() {
    if (this.#isRecalled || !this.#work) return;
    this.#isRecalled = true;
    const draft = this.#work.draft ?? {};
    if (this.isFilled || !Object.keys(draft).length) return;
    this.#assigned = draft.for;
    if (draft.mode) this.#open = true;
    this.#render();
    if (this.#open) this.#loadColleagues();
    for (const field of this.querySelectorAll(KEPT)) if (draft[field.name]) field.value = draft[field.name];
    this.dataset.filled = this.isFilled ? "yes" : "no";
  }

  attributeChangedCallback(_name, before, after) {
    if (before !== null && before !== after) this.#load();
  }

  // True when its fields hold something that is not there by itself.
  get isFilled() {
    return [...this.querySelectorAll("input")].some((field) => field.value !== "");
  }

  // By the keyboard: the label of this kind with this key, or the follow-up form.
  chooseLabel(kind, place) {
    const label = this.#work?.[`${kind}s`][place - 1];
    if (label) this.#setLabel(kind, label.id);
  }

  reload() {
    this.#load();
  }

  focusQuestion() {
    this.querySelector("[name=answer]")?.focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
  }

  openFollowUp() {
    if (this.dataset.customer) this.#show(true);
  }

  #ask(op, args = {}) {
    return ask(this, op, { card: this.dataset.card, ...args });
  }

  async #load() {
    const answer = await this.#ask("call_work");
    // A question with text in its field stays, so that nothing typed is lost.
    const typed = this.querySelector("[name=answer]")?.value ? this.#work.ask : null;
    if (answer.ok) this.#work = { ...answer.value, ask: answer.value.ask ?? typed };
    this.#render();
    if (this.dataset.direction !== "outbound") return;
    const reason = await this.#ask("call_reason");
    if (!reason.ok) return;
    this.#reason = reason.value;
    this.#render();
  }

  #typed(field) {
    this.dataset.filled = this.isFilled ? "yes" : "no";
    if (field.name !== "answer" || (!this.#badAnswer && !this.#sharedWith.length)) return;
    this.#badAnswer = false;
    this.#sharedWith = [];
    this.#report({ ok: true }, "");
  }

  #submitted(form) {
    if (form.dataset.fact) this.#answerFact(false);
    else this.#followUp(form.querySelector("[name=due]").value);
  }

  #clicked(event) {
    const { kind, label, due, followUp, open, openCase, decline, share } = event.target.closest("button")?.dataset ?? {};
    if (label) this.#setLabel(kind, Number(label));
    if (due) this.#followUp(due);
    if (followUp) this.#cancel(Number(followUp));
    if (open !== undefined) this.#show(!this.#open);
    if (openCase !== undefined) this.#openCase();
    if (decline !== undefined) this.#declineFact();
    if (share !== undefined) this.#answerFact(true);
  }

  #show(open) {
    this.#open = open;
    this.#render();
    this.#keepSoon();
    if (open) this.#loadColleagues();
    if (open) this.querySelector("[name=promise]")?.focus({ preventScroll: true });
    else this.querySelector("[data-open]")?.focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
  }

  // Not with the card: a large office has thousands, and few cards need them.
  async #loadColleagues() {
    if (this.#colleagues) return;
    const answer = await this.#ask("colleagues");
    if (!answer.ok) return;
    this.#colleagues = answer.value.colleagues;
    this.#render();
    const field = this.querySelector("[name=for]");
    if (field) field.value = this.#assigned ?? this.#work.user;
  }

  // Chosen again, it is taken back. One after the other: two on their way could arrive in another order.
  #setLabel(kind, id) {
    const before = this.#work[kind];
    const label = before === id ? null : id;
    this.#work = { ...this.#work, [kind]: label };
    this.#saving += 1;
    this.#render();
    this.#saved = this.#saved.then(async () => {
      const answer = await this.#ask(kind, { [kind]: label });
      this.#saving -= 1;
      if (!answer.ok && !this.#saving) this.#work = { ...this.#work, [kind]: before };
      this.#report(answer, "");
    });
  }

  async #answerFact(shared) {
    if (this.#busy) return;
    this.#busy = true;
    const fact = this.#work.ask;
    const answer = await this.#ask("answer_fact", { fact, value: this.querySelector("[name=answer]").value, shared });
    this.#busy = false;
    this.#badAnswer = !answer.ok;
    this.#sharedWith = answer.value?.shared_with ?? [];
    if (!answer.ok || this.#sharedWith.length) return this.#report(answer, "");
    return this.#endQuestion(answer, savedWords(fact));
  }

  async #declineFact() {
    const answer = await this.#ask("decline_fact", { fact: this.#work.ask });
    if (!answer.ok) return this.#report(answer, "");
    return this.#endQuestion(answer, t("Not asked again for now."));
  }

  #endQuestion(answer, words) {
    const held = this.contains(document.activeElement);
    this.querySelector("[name=answer]").value = "";
    this.#keepSoon();
    this.dataset.filled = this.isFilled ? "yes" : "no";
    this.#badAnswer = false;
    this.#sharedWith = [];
    this.#work = { ...this.#work, ask: null };
    this.#report(answer, words);
    if (held) this.querySelector("[data-open]")?.focus({ preventScroll: true });
  }

  async #openCase() {
    const answer = await this.#ask("open_case", { subject: t("Complaint on the phone") });
    if (answer.ok) this.#work = { ...this.#work, case: answer.value.case };
    this.#report(answer, t("Case opened."));
  }

  async #followUp(due) {
    if (this.#busy) return;
    this.#busy = true;
    const promise = this.querySelector("[name=promise]")?.value ?? "";
    const chosen = this.#colleagues ? this.querySelector("[name=for]")?.value : this.#assigned;
    const assigned = Number(chosen ?? this.#work.user);
    const answer = await this.#ask("follow_up", { due, promise, for: assigned, request: this.#request });
    this.#busy = false;
    if (!answer.ok) return this.#report(answer, "");
    this.#request = randomId();
    const made = answer.value.follow_up;
    this.#work = { ...this.#work, follow_ups: [made, ...this.#work.follow_ups] };
    for (const field of this.querySelectorAll(".work-form input")) field.value = "";
    this.dataset.filled = this.isFilled ? "yes" : "no";
    this.#open = false;
    this.#keep();
    this.#report(answer, t("Follow-up on %(day)s saved.", { day: day(made.due) }));
    this.querySelector("[data-open]")?.focus({ preventScroll: true });
    return undefined;
  }

  async #cancel(id) {
    const answer = await this.#ask("cancel_follow_up", { follow_up: id });
    if (answer.ok) this.#work = { ...this.#work, follow_ups: this.#work.follow_ups.filter((one) => one.id !== id) };
    this.#report(answer, t("Follow-up cancelled."));
  }

  #report(answer, words) {
    this.#bad = !answer.ok;
    this.#message = answer.ok ? words : refusal(answer.error);
    this.#render();
  }

  #render() {
    const work = this.#work;
    if (!work) return;
    render(html`
      ${this.#reason ? this.#reasonView(this.#reason) : nothing}
      ${this.dataset.customer ? valueView(work.value, work.points) : nothing}
      ${ownValuesView(work.own)}
      <div class="work-rows">
        ${KINDS.map(([kind, keys]) => (work[`${kind}s`].length ? this.#labelsView(kind, keys, work) : nothing))}
        ${this.dataset.customer ? this.#followUpView(work) : nothing}
        ${askedFactView(work.ask, { bad: this.#badAnswer, sharedWith: this.#sharedWith })}
      </div>
      <p class="work-state" role="status" ?data-bad=${this.#bad}>${this.#message}</p>`, this);
  }

  // Which list the customer is on and what to say, calls they made in vain, and what was noted last.
  #reasonView({ list, missed, last }) {
    if (!list && !missed && !last) return nothing;
    return html`<div class="call-reason" role="group" aria-label=${t("Why you call")}>
      ${list ? html`<p>${icon("promise")}<span><b>${coded("work_list", list.kind)}</b> · ${reasonOf(list)}</span></p>
        <p class="soft"><q>${wordsFor(list)}</q></p>` : nothing}
      ${missed ? html`<p>${icon("phone")}<span>${between([tn("%(num)s missed call", "%(num)s missed calls", missed.times), piece(shortMomentWithTime(missed.at))])}</span></p>` : nothing}
      ${last ? html`<p>${icon(last.note ? "note" : last.direction, last.note ? "" : "turns")}<span><b>${last.note ? t("Last note") : t("Last call")}</b>
        ${between([piece(shortMomentWithTime(last.at)), last.agent ? userText(last.agent) : coded("disposition", last.disposition)])}${last.note ? html`: ${userText(last.note)}` : nothing}</span></p>` : nothing}
    </div>`;
  }

  #labelsView(kind, keys, work) {
    const labels = work[`${kind}s`];
    const chosen = labels.find((one) => one.id === work[kind]);
    return html`<div class="work-row" role="group" aria-label=${coded("label", kind)} aria-busy=${this.#saving > 0}>
      ${kind === "purpose" ? nothing : html`<span class="work-title" aria-hidden="true">${coded("label", kind)}</span>`}
      ${labels.map((one, i) => html`<button type="button" class="small choice" data-kind=${kind} data-label=${one.id} aria-pressed=${one.id === work[kind]}>
        <kbd aria-hidden="true">${keys}${number(i + 1)}</kbd><bdi>${nameOf(one.names)}</bdi></button>`)}
      ${chosen?.opens_case && this.dataset.customer
        ? work.case
          ? html`<span class="pill good">${icon("check")}${t("Case opened.")}</span>`
          : html`<button type="button" class="small main" data-open-case>${icon("alert")}${t("Open a case")}</button>`
        : nothing}
    </div>`;
  }

  #followUpView(work) {
    return html`<div class="work-row" role="group" aria-label=${t("Follow-up")}>
        <span class="work-title" aria-hidden="true">${icon("promise")}${t("Follow-up")}</span>
        ${QUICK_DAYS.map(([code, label]) => html`<button type="button" class="small" data-due=${code}>${t(label)}</button>`)}
        <button type="button" class="small quiet" data-open aria-expanded=${this.#open}>${t("Promise, colleague, date …")}</button>
      </div>
      ${this.#open ? this.#formView(work) : nothing}
      ${work.follow_ups.length ? html`<ul class="work-list">${work.follow_ups.slice(0, MOST_SHOWN).map((one) => this.#rowView(one))}
        ${work.follow_ups.length > MOST_SHOWN ? html`<li class="soft">${t("and %(count)s more", { count: number(work.follow_ups.length - MOST_SHOWN) })}</li>` : nothing}</ul>` : nothing}`;
  }

  #rowView(one) {
    const due = one.snoozed_until ?? one.due;
    const own = [one.made_by, one.assigned_to].includes(this.#work.user);
    return html`<li>${icon("clock")}<span class=${due < this.#work.today ? "due" : ""}>${piece(day(due))}</span>
      <span class="soft">${userText(one.assigned_name)}</span>${one.promise ? html`<span>${userText(one.promise)}</span>` : nothing}
      ${own ? html`<button type="button" class="bare" data-follow-up=${one.id} title=${t("Cancel this follow-up")}>${icon("close")}<span class="unseen">${t("Cancel this follow-up")} ${day(due)}</span></button>` : nothing}</li>`;
  }

  #formView({ user, today }) {
    const example = exampleDay(today);
    const colleagues = this.#colleagues ?? [{ id: user }];
    return html`<form class="work-form">
      <label class="field long">${t("What was promised")}<input name="promise" dir="auto" maxlength="500" autocomplete="off"></label>
      <label class="field">${t("Assigned to")}<select name="for">${colleagues.map((one) =>
        html`<option value=${one.id} ?selected=${one.id === user}>${one.id === user ? t("Me") : one.name}</option>`)}</select></label>
      <label class="field">${t("Day")}<input name="due" dir="ltr" maxlength="40" autocomplete="off" placeholder=${example}></label>
      <button class="main">${t("Save")}</button>
    </form>`;
  }
}

customElements.define("call-work", CallWork);
