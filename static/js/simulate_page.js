// Plays a call from the form, and shows what came of it.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { page } from "./page_context.js";
import { icon } from "./view_helpers.js";
import { stepRow } from "./trace_steps.js";
import { has, loadTranslations, t } from "./translations.js";

const ASK_EVERY_MS = 300;
const PATIENCE_MS = 120_000;

const form = document.getElementById("simulate");
const result = document.getElementById("result");

function showResult(good, words) {
  render(html`<p class=${good ? "done" : "problem"}>${icon(good ? "check" : "alert")}<span>${words}
    ${good ? html` <a href="/board">${t("Board")}</a>` : ""}</span></p>`, result);
}

async function play() {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const call = { ...fields };
  for (const name of ["ring_s", "talk_s"]) if (name in call) call[name] = Number(call[name]);
  const answer = await fetch("/api/v1/simulated-calls", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
    body: JSON.stringify(call),
  });
  if (answer.ok) {
    const { call: id, warning } = await answer.json();
    const known = `simulate_problem.${warning}`;
    if (warning && has(known)) showResult(false, `${t("The call has started.")} ${t(known)}`);
    else showResult(true, t("The call has started."));
    return follow(id);
  }
  const { code } = await answer.json().catch(() => ({}));
  const known = `simulate_problem.${code}`;
  return showResult(false, has(known) ? t(known) : t("The call could not be started."));
}

// Each step as it happens, until the call is over or another one is played.
let followed = 0;
async function follow(call) {
  const mine = ++followed;
  const until = Date.now() + PATIENCE_MS;
  let steps = [];
  document.getElementById("played").hidden = false;
  while (mine === followed && Date.now() < until && !isOver(steps)) {
    const answer = await fetch(`/api/v1/simulated-calls/${encodeURIComponent(call)}`);
    const received = answer.ok ? (await answer.json()).steps : [];
    if (received.length >= steps.length) steps = received;
    if (mine === followed) render(steps.toSorted((a, b) => a.at - b.at).map(stepRow), document.getElementById("timeline"));
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

const isOver = (steps) => steps.some((one) => one.step === "ended");

// Fields that the chosen scenario ignores are neither shown nor sent.
function showFields() {
  const scenario = form.elements.scenario.selectedOptions[0];
  for (const field of form.querySelectorAll("[data-plain], [data-caller]")) {
    const ignored = "plain" in field.dataset ? scenario.value !== "" : "withoutCaller" in scenario.dataset;
    field.hidden = ignored;
    for (const input of field.querySelectorAll("input")) input.disabled = ignored;
  }
}

async function suggestNumbers() {
  const answer = await fetch("/api/v1/customers");
  if (!answer.ok) return;
  const { customers } = await answer.json();
  render(customers.flatMap((one) => one.phones.filter((phone) => phone.e164)
    .map((phone) => html`<option value=${phone.e164}>${one.name}</option>`)), document.getElementById("known-numbers"));
}

await loadTranslations();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  play().catch(() => showResult(false, t("The server cannot be reached.")));
});
form.elements.scenario.addEventListener("change", showFields);
showFields();
suggestNumbers();
