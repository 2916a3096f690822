// A form that survives a lost line: what is typed is kept in this browser until the server has it.
import { loadTranslations, t } from "./translations.js";
import { page } from "./page_context.js";

const RETRY_MS = 3_000;
const form = document.querySelector("form[data-keep]");
const state = form.querySelector("[data-kept]");
const KEY = `screenpop.form.${page.user}.${form.dataset.keep}`;
const version = () => form.elements.version?.value ?? "";
const fields = () => [...form.elements].filter((field) => field.name && !["csrf", "version"].includes(field.name));
const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);

const givenOf = (field) => {
  if (field.type === "checkbox") return field.defaultChecked ? "on" : "";
  if (field.options) return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
  return field.defaultValue;
};

function showState(words, kind = "") {
  state.textContent = words;
  state.dataset.kept = kind;
}

function keep() {
  const of = (read) => Object.fromEntries(fields().map((field) => [field.name, read(field)]));
  localStorage.setItem(KEY, JSON.stringify({ version: version(), values: of(valueOf), given: of(givenOf), at: Date.now() }));
}

function recall() {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
  if (!kept) return;
  // Refused by the server: the page already holds what was sent.
  if (document.querySelector(".problem") || !kept.given) return localStorage.removeItem(KEY);
  const changedMeanwhile = kept.version !== version();
  let back = 0;
  for (const field of fields()) {
    const value = kept.values[field.name];
    const untouched = changedMeanwhile && value === kept.given[field.name];
    if (value === undefined || untouched || value === valueOf(field)) continue;
    if (field.type === "checkbox") field.checked = value === "on";
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    back += 1;
  }
  if (!back) return localStorage.removeItem(KEY);
  keep();
  return showState(changedMeanwhile
    ? t("This record was changed in the meantime. Your unsaved text has been restored; check it before saving.")
    : t("Your unsaved text has been restored."));
}

const reachable = () => fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);

let leaving = false;

// ``submitter``: the button, whose name and address belong to what is sent.
async function send(submitter) {
  while (!(await reachable())) {
    showState(t("No connection to the server. Saved here; it is sent automatically."), "offline");
    await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
  }
  sessionStorage.setItem("screenpop.sent", KEY);
  leaving = true;
  form.requestSubmit(submitter);
  leaving = false;
}

await loadTranslations();
recall();
form.addEventListener("input", keep);
form.addEventListener("submit", (event) => {
  if (leaving) return;
  event.preventDefault();
  keep();
  send(event.submitter);
});
