// A form that survives a lost line: what is typed is kept in this browser until the server has it.
import { learnWords, t } from "./words.js";
import { page } from "./page.js";

const RETRY_MS = 3_000;
const form = document.querySelector("form[data-keep]");
const state = form.querySelector("[data-kept]");
const KEY = `screenpop.form.${page.user}.${form.dataset.keep}`;
const version = () => form.elements.version?.value ?? "";
const fields = () => [...form.elements].filter((field) => field.name && !["csrf", "version"].includes(field.name));
const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);

function tell(words, kind = "") {
  state.textContent = words;
  state.dataset.kept = kind;
}

function keep() {
  const values = Object.fromEntries(fields().map((field) => [field.name, valueOf(field)]));
  localStorage.setItem(KEY, JSON.stringify({ version: version(), values, at: Date.now() }));
}

function recall() {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
  if (!kept) return;
  // Refused by the server: the page already holds what was sent.
  if (document.querySelector(".problem") || kept.version !== version()) return localStorage.removeItem(KEY);
  for (const field of fields()) {
    const value = kept.values[field.name];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value === "on";
    else field.value = value;
  }
  return tell(t("What you typed before is here again."));
}

const reachable = () => fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);

async function send() {
  while (!(await reachable())) {
    tell(t("No line to the server. It is kept here and goes out by itself."), "offline");
    await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
  }
  sessionStorage.setItem("screenpop.sent", KEY);
  form.submit();
}

await learnWords();
recall();
form.addEventListener("input", keep);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  keep();
  send();
});
