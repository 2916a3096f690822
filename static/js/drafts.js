// Unfinished text is kept at the server, for its user only. The browser stores nothing of it: while the server is
// away or the session is over, the text is on its page alone.
import { page } from "./page_context.js";

const PATH = "/drafts";
const RETRY_MS = 3_000;
const LATE_MS = 2_000; // until then has arrived what the page before sent as it went away
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const unsaved = new Set(); // names of forms whose text only this page has
const stuck = new Set(); // those that the server could not take
let leaving = false;

addEventListener("beforeunload", (event) => {
  if (stuck.size && !leaving) event.preventDefault();
});

export const isUnsaved = () => unsaved.size > 0;

// The page is left on purpose: the browser need not ask.
export function leavePage() {
  leaving = true;
}

// "kept", "refused", "stale" (the page's token is not that of this browser's session), "logged_out", "database_away" (the
// server answers, its database cannot be written) or "away".
async function ask(method, address, body, keepalive = false) {
  const headers = { "x-csrf-token": page.csrf, "content-type": "application/json" };
  let answer;
  try {
    answer = await fetch(address, { method, headers, body, keepalive, redirect: "manual", cache: "no-store" });
  } catch {
    return { outcome: "away" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return { outcome: "logged_out" };
  if (answer.status >= 500) return { outcome: await problemOf(answer) === "database_away" ? "database_away" : "away" };
  if (answer.status === 403) return { outcome: "stale" };
  return { outcome: answer.ok ? "kept" : "refused", answer };
}

// The code of a problem that the server itself reports; a proxy before it reports none.
async function problemOf(answer) {
  if (!answer.headers.get("content-type")?.startsWith("application/problem+json")) return "";
  return answer.json().then(({ code }) => code, () => "");
}

// The user's drafts whose names begin so; none where the server cannot be asked.
export async function loadDrafts(begins = "") {
  const { outcome, answer } = await ask("GET", `${PATH}?begins=${encodeURIComponent(begins)}`);
  return outcome === "kept" ? (await answer.json()).drafts : [];
}

// The drafts a moment later, for a page that was reloaded: its first question may overtake what the page before sent as
// it went away. None on other pages.
export async function loadLateDrafts(begins = "") {
  if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return [];
  await pause(LATE_MS);
  return loadDrafts(begins);
}

// "same", "other" user, "away" or "database_away", after the token of a new session of the page's own user was taken over.
async function renew() {
  const { outcome, answer } = await ask("GET", `${PATH}?begins=%20`); // no form begins so
  if (outcome !== "kept") return outcome;
  const { user, csrf } = await answer.json();
  if (user !== page.user) return "other";
  const isNew = csrf !== page.csrf;
  page.csrf = csrf;
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = csrf;
  return isNew ? "same" : "refused";
}

// Another user works in this browser now: the page of the one before is left, with what it shows.
function leaveToOther() {
  leavePage();
  location.replace("/");
}

// One draft. ``changed()``: is informed of "kept", "away", "database_away" and "logged_out".
export class Draft {
  #form;
  #changed;
  #round = 0; // the newest text wins

  constructor(form, changed = () => {}) {
    this.#form = form;
    this.#changed = changed;
  }

  // The text is only on this page from now on.
  touch() {
    unsaved.add(this.#form);
  }

  // The server has the text elsewhere: nothing is kept of it here.
  settle() {
    this.#round += 1;
    unsaved.delete(this.#form);
    stuck.delete(this.#form);
  }

  // Stores what ``content()`` returns, its values by field, or deletes the draft for null. Goes on until the
  // server has it or refuses it; resolves to false when a later call took over.
  async keep(content) {
    this.touch();
    const round = ++this.#round;
    for (;;) {
      const outcome = await this.#send(content());
      if (round !== this.#round) return false;
      if (outcome === "kept" || outcome === "refused") {
        this.settle();
        this.#changed(outcome);
        return true;
      }
      stuck.add(this.#form);
      this.#changed(outcome);
      await pause(RETRY_MS);
      if (round !== this.#round) return false;
    }
  }

  // As the page goes away: what only this page has is kept.
  leave(content) {
    if (unsaved.has(this.#form)) this.keepNow(content);
  }

  // One try, that outlives the page.
  keepNow(content) {
    const [method, address, body] = this.#request(content);
    ask(method, address, body, true);
  }

  #request(content) {
    return content === null ? ["DELETE", `${PATH}?form=${encodeURIComponent(this.#form)}`, undefined]
      : ["PUT", PATH, JSON.stringify({ form: this.#form, ...content })];
  }

  async #send(content) {
    const { outcome } = await ask(...this.#request(content));
    if (outcome !== "stale") return outcome;
    const session = await renew();
    if (session === "other") leaveToOther();
    return session === "same" ? this.#send(content) : session;
  }
}
