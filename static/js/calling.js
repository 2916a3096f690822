// "Call" beside a stored number: asks first, then the agent's own phone rings. Only ids are sent.
import { page } from "./page_context.js";
import { coded, loadTranslations, t } from "./translations.js";
import { hasTypedText } from "./typed_text.js";

const CLOSES_AFTER_MS = 4_000; // the dialog would hide the card of the call

const dialog = document.getElementById("call-dialog");
const now = dialog.querySelector("[data-call-now]");
let path = "";
let closing = 0;

function open(button) {
  path = button.dataset.callPath;
  dialog.querySelector("[data-number]").textContent = button.dataset.number;
  clearTimeout(closing);
  now.disabled = false;
  show("");
  dialog.showModal();
}

function show(words, isProblem = true) {
  const place = dialog.querySelector("[role=status]");
  place.textContent = words;
  place.className = words && isProblem ? "problem" : "calm";
}

async function place() {
  now.disabled = true;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": page.csrf };
  const answer = await fetch(path, { method: "POST", headers, body: "{}" }).catch(() => null);
  if (answer?.ok) return void placed();
  now.disabled = false;
  const problem = await answer?.json().catch(() => null);
  show(problem?.code ? coded("error", problem.code) : t("The server cannot be reached. Dial on your phone."));
}

// The card of the call is on the desk: the page goes there, unless something typed would be lost.
function placed() {
  show(t("Your phone rings. Answer it, and the customer is called."), false);
  const opens = page.opensOn.outgoing === "ring" && page.name !== "desk" && document.querySelector('nav a[href="/"]');
  if (opens && !hasTypedText()) location.assign("/");
  else closing = setTimeout(() => dialog.close(), CLOSES_AFTER_MS);
}

await loadTranslations();
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-call-path]");
  if (button) open(button);
  else if (event.target.closest("[data-call-now]")) place();
});
