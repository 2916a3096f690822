// A form that survives a reload, a lost line and the end of the session: what is typed is kept at the server.
import { Draft, loadDrafts, loadLateDrafts } from "./drafts.js";
import { loadTranslations, t } from "./translations.js";

const KEEP_AFTER_MS = 600;
const form = document.querySelector("form[data-keep]");
const state = form.querySelector("[data-kept]");
const version = () => form.elements.version?.value ?? "";
const fields = () => [...form.elements].filter((field) => field.name && !["csrf", "version"].includes(field.name));
const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);

const givenOf = (field) => {
  if (field.type === "checkbox") return field.defaultChecked ? "on" : "";
  if (field.options) return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
  return field.defaultValue;
};

const WORDS = {
  away: "No connection to the server. Leave this page open: your text is sent automatically.",
  database_away: "The database cannot be written now. Leave this page open: your text stays here and is saved automatically.",
  logged_out: "You are logged out. Leave this page open and log in again:",
};

let given = {}; // what fields of an earlier draft held when that was begun
let shown = "";
let timer = 0;
const typed = new Set(); // names of fields

function showState(words, kind = "") {
  state.textContent = words;
  state.dataset.kept = kind;
  if (kind !== "logged_out") return;
  const link = Object.assign(document.createElement("a"), { href: "/login", target: "_blank", textContent: t("Log in") });
  state.append(" ", link);
}

const draft = new Draft(form.dataset.keep, (outcome) => {
  if (outcome === shown) return;
  if (WORDS[outcome]) showState(t(WORDS[outcome]), outcome);
  else if (WORDS[shown]) showState("");
  shown = outcome;
});

// The fields that were changed, and what they held before; null if none was.
function changes() {
  const before = (field) => given[field.name] ?? givenOf(field);
  const changed = fields().filter((field) => valueOf(field) !== before(field));
  if (!changed.length) return null;
  const of = (read) => Object.fromEntries(changed.map((field) => [field.name, read(field)]));
  return { version: version(), values: of(valueOf), given: of(before) };
}

function keepSoon({ target }) {
  typed.add(target.name);
  draft.touch();
  clearTimeout(timer);
  timer = setTimeout(() => { timer = 0; draft.keep(changes); }, KEEP_AFTER_MS);
}

// Returns whether there was a draft of the form.
async function recall(drafts) {
  const kept = (await drafts).find((one) => one.form === form.dataset.keep);
  if (!kept) return false;
  given = kept.given;
  // Refused by the server: the page already holds what was sent.
  if (document.querySelector(".problem")) return true;
  const changedMeanwhile = kept.version !== version();
  let back = 0;
  for (const field of fields()) {
    const value = kept.values[field.name];
    if (value === undefined || value === valueOf(field) || typed.has(field.name)) continue;
    if (field.type === "checkbox") field.checked = value === "on";
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    back += 1;
  }
  if (back) showState(changedMeanwhile
    ? t("This record was changed in the meantime. Your unsaved text has been restored; check it before saving.")
    : t("Your unsaved text has been restored."));
  else draft.keep(changes); // saved elsewhere
  return true;
}

// ``submitter``: the button, whose name and address belong to what is sent.
async function send(submitter) {
  clearTimeout(timer);
  timer = 0;
  // Kept first, so that the text is safe whatever becomes of the form, and the session is there.
  if (!await draft.keep(changes)) return;
  form.dataset.sent = "yes";
  form.requestSubmit(submitter);
}

await loadTranslations();
form.addEventListener("input", keepSoon);
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) return;
  event.preventDefault();
  send(event.submitter);
});
addEventListener("pagehide", () => draft.leave(changes()));
if (!await recall(loadDrafts(form.dataset.keep))) recall(loadLateDrafts(form.dataset.keep));
