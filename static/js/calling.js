// "Call" beside a stored number: asks first, then the agent's own phone rings. Only ids are sent.
import { page } from "./page_context.js";
import { coded, loadTranslations, t } from "./translations.js";

const dialog = document.getElementById("call-dialog");
let path = "";

function open(button) {
  path = button.dataset.call;
  dialog.querySelector("[data-number]").textContent = button.dataset.number;
  show("");
  dialog.showModal();
}

function show(words, isProblem = true) {
  const place = dialog.querySelector("[role=status]");
  place.textContent = words;
  place.className = words && isProblem ? "problem" : "calm";
}

async function place() {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": page.csrf };
  const answer = await fetch(path, { method: "POST", headers, body: "{}" }).catch(() => null);
  if (answer?.ok) return void show(t("Your phone rings. Answer it, and the customer is called."), false);
  const problem = await answer?.json().catch(() => null);
  show(problem?.code ? coded("error", problem.code) : t("The server cannot be reached. Dial on your phone."));
}

await loadTranslations();
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-call]");
  if (button) open(button);
  else if (event.target.closest("[data-call-now]")) place();
});
