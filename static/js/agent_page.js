// The agent's page: cards as they come, the empty desk between them, what was missed, the last calls.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import "./announce_dial.js";
import "./elapsed_time.js";
import { isLive, showBanner, showStatus, STARTING } from "./connection_banner.js";
import { opensByItself } from "./card_opening.js";
import { Availability } from "./availability.js";
import { Cards, DismissedCards } from "./card_list.js";
import { Draft, leavePage, loadDrafts, loadLateDrafts } from "./drafts.js";
import { eachSecond, runClock, stopClock } from "./clock.js";
import { idleView, keptNotesView, lastCallsView, missedView } from "./idle_view.js";
import { LastCalls } from "./recent_calls.js";
import { MissedCalls } from "./missed_calls.js";
import { Notes } from "./notes.js";
import { ProgramOpener, readPrograms } from "./program_links.js";
import { Receipts } from "./receipts.js";
import { RingAlert } from "./ring_alert.js";
import { Shortcuts } from "./shortcuts.js";
import { Line, TAB } from "./socket.js";
import { Sound } from "./sound.js";
import { showSoundButton } from "./sound_button.js";
import { Stack } from "./stack.js";
import { Tabs } from "./tab_presence.js";
import { listenForIdentify } from "./identify_caller.js";
import { languageKey } from "./view_helpers.js";
import { loadTranslations, t } from "./translations.js";

const labelKeys = (held, choose) => Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((place) => [`${held}${place}`, () => choose(place)]));

let desk = null;
const CHOSEN = "#card=";
const MOST_ANSWERS = 50; // to offers, kept for a reload
const RINGS_OR_TALKS = new Set(["ringing", "dialling", "talking", "held", "listening"]);

const place = (id) => document.getElementById(id);
const stack = place("stack");

class Desk {
  stack = new Stack(stack);
  cards = new Cards(new DismissedCards(), (id) => this.#isUsed(id));
  lastCalls = new LastCalls(() => this.show());
  missedCalls = new MissedCalls(() => this.show(),
    () => this.cards.missed().some((card) => !this.missedCalls.has(card.pbx, card.call)));
  answers = new Map();
  answersDraft = new Draft("answers");
  programs = readPrograms(stack.dataset.programs);
  opener = new ProgramOpener(this.programs);
  status = { line: STARTING, pbx: new Map() };
  newBuild = false;

  constructor() {
    this.tabs = new Tabs(TAB);
    this.line = new Line({
      snapshot: (message) => this.#snapshot(message),
      card: (card) => this.#card(card),
      call: () => {},
      pbx: (message) => { this.status.pbx.set(message.id, message); this.show(); },
      agent: (agent, gone) => { this.availability.changed(agent, gone); this.show(); },
      callback: (change) => this.missedCalls.changed(change),
      beat: ({ missed }) => this.missedCalls.heard(missed),
      state: (state) => this.#state(state),
      build: () => { this.newBuild = true; this.show(); },
      login: (address) => this.#loggedOut(address),
    });
    this.availability = new Availability(this.line, place("availability"));
    this.receipts = new Receipts((card, rev, stages) => this.line.receipt(card, rev, stages));
    const drafts = [loadDrafts(), loadLateDrafts()];
    this.notes = new Notes((card, text) => this.line.command("note", { card, text }), stack, drafts);
    for (const some of drafts) some.then((found) => this.#recallAnswers(found));
    addEventListener("pagehide", () => this.answersDraft.leave(this.#answersNow()));
    this.sound = new Sound(() => this.#soundButton());
    this.alert = new RingAlert(this.tabs, this.sound, place("announcement"));
    addEventListener("hashchange", () => this.#choose());
    this.#choose();
    document.addEventListener("click", (event) => this.#clicked(event));
    listenForIdentify(this.line, stack);
    new Shortcuts(this.#keys());
    eachSecond(() => this.show());
    this.show();
    this.line.start();
    this.lastCalls.refresh();
    this.missedCalls.refresh();
  }

  #snapshot({ cards, pbx, agents }) {
    this.availability.snapshot(agents);
    this.status.pbx = new Map(pbx.map((one) => [one.id, one]));
    this.cards.replace(cards);
    cards.forEach((card) => this.receipts.received(card));
    this.alert.only(cards);
    cards.forEach((card) => this.#alertOf(card));
    this.show();
  }

  #card(card) {
    const before = this.cards.apply(card);
    if (!before) return;
    this.receipts.received(card);
    this.#alertOf(card);
    if (card.state !== before.state && !RINGS_OR_TALKS.has(card.state)) {
      this.lastCalls.soon();
      this.missedCalls.soon();
    }
    this.show();
  }

  #alertOf(card) {
    if (this.alert.follow(card)) this.receipts.notified(card);
    if (this.tabs.speaks) this.opener.follow(card);
  }

  // The card that another page's bar leads to.
  #choose() {
    if (!location.hash.startsWith(CHOSEN)) return;
    this.cards.chosen = decodeURIComponent(location.hash.slice(CHOSEN.length));
    history.replaceState(null, "", location.pathname);
    this.show();
  }

  #state(state) {
    const before = this.status.line;
    const changed = ["live", "starting", "stopped"].some((name) => state[name] !== before[name]);
    this.status.line = state;
    if (state.live) runClock();
    else stopClock();
    this.tabs.present();
    if (changed) this.show();
  }

  show() {
    const shown = this.cards.shown();
    const whole = this.cards.whole(shown);
    this.stack.show(shown, (card) => ({
      shape: card === whole ? "whole" : "brief", answers: this.answers,
      programs: this.programs, blocked: this.opener.blocked.has(card.id),
      kept: this.cards.isKept(card), form: this.stack.hasForm(card.id, "identify-caller"),
      work: this.stack.hasForm(card.id, "call-work"), note: this.#isUsed(card.id),
    }), whole ? nothing : idleView(stack.dataset));
    this.notes.rendered(stack, shown);
    render(html`${missedView(this.missedCalls)}${keptNotesView(this.notes.stranded(shown))}
      ${lastCallsView(this.lastCalls.rows)}`, place("beside"));
    this.#showStatus();
    this.receipts.rendered(shown);
    this.alert.title(this.cards.ringing().find(opensByItself));
    if (this.newBuild && !shown.length && !this.notes.unsent) location.reload();
  }

  // This card is in use: it must not leave.
  #isUsed(id) {
    return this.stack.isUsed(id) || this.notes.isUnsaved(id);
  }

  #showStatus() {
    const status = { line: this.status.line, pbx: [...this.status.pbx.values()] };
    const live = isLive(status);
    document.body.dataset.live = live || status.line.starting ? "yes" : "no";
    showBanner(place("band"), status);
    showStatus(place("status"), status);
    this.availability.show();
    this.#soundButton();
  }

  #soundButton() {
    showSoundButton(place("sound"), this.sound.state);
  }

  #clicked(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const { act, card: id, offer, answer, why } = button.dataset;
    const acts = {
      show: () => { this.cards.chosen = id; },
      close: () => this.#close(id),
      answer: () => this.#answer(id, offer, answer, why),
      unanswer: () => ["", " why"].forEach((end) => this.answers.delete(`${id} ${offer}${end}`)),
      sound: () => this.#toggleSound(),
      forget: () => this.notes.forget(id),
      reload: () => location.reload(),
      "missed-done": () => this.missedCalls.markDone(button.dataset.call),
      "missed-undo": () => this.missedCalls.undo(button.dataset.call),
      "more-missed": () => this.missedCalls.showMore(),
    };
    acts[act]?.();
    this.show();
  }

  #toggleSound() {
    this.sound.toggle(place("sound").querySelector("[data-state]")?.dataset.state);
  }

  #answer(card, offer, answer, why = "") {
    const key = `${card} ${offer}`;
    this.answers.set(key, answer);
    this.answers.set(`${key} why`, why);
    for (const end of ["problem", "voucher"]) this.answers.delete(`${key} ${end}`);
    this.#keepAnswers();
    const text = this.cards.get(card)?.suggestions.find((one) => one.id === offer)?.text ?? {};
    const promise = text[languageKey(text, document.documentElement.lang)] ?? "";
    this.line.command("offer_answered", { card, offer, answer, why, promise })
      .then(({ ok, voucher }) => {
        if (!ok) this.#refuseAnswer(key);
        else if (voucher) this.#keepVoucher(key, voucher);
        this.#workOf({ id: card })?.reload();
      });
  }

  // The answer was not saved: its buttons are there again, with a sentence.
  #refuseAnswer(key) {
    for (const end of ["", " why"]) this.answers.delete(key + end);
    this.answers.set(`${key} problem`, "unknown");
    this.#keepAnswers();
    this.show();
  }

  // The code of the voucher that the offer gives, to read out.
  #keepVoucher(key, voucher) {
    this.answers.set(`${key} voucher`, voucher);
    this.#keepAnswers();
    this.show();
  }

  #keepAnswers() {
    this.answersDraft.keep(() => this.#answersNow());
  }

  #answersNow() {
    return { values: { answers: JSON.stringify([...this.answers].slice(-MOST_ANSWERS)) } };
  }

  #recallAnswers(drafts) {
    const kept = drafts.find((draft) => draft.form === "answers")?.values.answers ?? "[]";
    this.answers = new Map([...JSON.parse(kept), ...this.answers]);
    this.show();
  }

  // A note that the server does not have yet keeps the page until its user has logged in again.
  async #loggedOut(address) {
    if (!this.notes.unsent) return location.assign(address);
    await this.notes.keepAll();
    leavePage();
    return location.reload();
  }

  #close(id) {
    this.line.command("dismiss", { card: id });
    this.cards.close(id);
    stack.focus({ preventScroll: true }); // its button is gone; the keyboard goes on from here
  }

  #keys() {
    const whole = () => this.cards.whole(this.cards.shown());
    return {
      n: () => stack.querySelector(`textarea[data-note="${CSS.escape(whole()?.id ?? "")}"]`)?.focus(),
      j: () => this.#turn(1),
      k: () => this.#turn(-1),
      d: () => { const card = whole(); if (card?.state === "wrap_up") this.#close(card.id); this.show(); },
      m: () => document.querySelector("#beside a, #beside button")?.focus(),
      s: () => this.#toggleSound(),
      c: () => this.#identify(whole(), "create"),
      l: () => this.#identify(whole(), "link"),
      f: () => this.#workOf(whole())?.openFollowUp(),
      q: () => this.#workOf(whole())?.focusQuestion(),
      ...labelKeys("", (place) => this.#workOf(whole())?.chooseLabel("purpose", place)),
      ...labelKeys("shift+", (place) => this.#workOf(whole())?.chooseLabel("agent_disposition", place)),
      Escape: () => this.alert.silence(),
    };
  }

  #identify(card, mode) {
    stack.querySelector(`identify-caller[data-card="${CSS.escape(card?.id ?? "")}"]`)?.open(mode);
  }

  #workOf(card) {
    return stack.querySelector(`call-work[data-card="${CSS.escape(card?.id ?? "")}"]`);
  }

  #turn(step) {
    const shown = this.cards.shown().filter((card) => card.state !== "elsewhere");
    if (!shown.length) return;
    const at = shown.indexOf(this.cards.whole(shown));
    this.cards.chosen = shown[(at + step + shown.length) % shown.length].id;
    this.show();
  }
}

await loadTranslations(() => desk?.show());
stack.removeAttribute("aria-busy");
desk = new Desk();

