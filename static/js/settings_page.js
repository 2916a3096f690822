// One's own settings: whether this browser may show notifications.
import { askPermission, permission } from "./notifications.js";
import { loadTranslations, t } from "./translations.js";

const WORDS = {
  granted: "This browser shows a notification when your phone rings.",
  default: "This browser may show a notification when your phone rings, once you allow it.",
  denied: "Notifications are blocked for this site in the browser's own settings.",
  impossible: "Notifications need https. The title and the sound do without.",
};

const box = document.getElementById("notices");
const button = box.querySelector("[data-ask-notices]");

function show() {
  const state = permission();
  box.hidden = false;
  box.querySelector("[data-notices]").textContent = t(WORDS[state]);
  button.hidden = state !== "default";
}

await loadTranslations();
button.addEventListener("click", () => askPermission().then(show));
show();
