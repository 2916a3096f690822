// One's own settings: whether this browser may show notifications, and how rings sound.
import { askPermission, permission } from "./notifications.js";
import { Sound } from "./sound.js";
import { loadTranslations, t } from "./translations.js";

const WORDS = {
  granted: "This browser shows a notification when your phone rings.",
  default: "Once enabled, this browser shows a notification when your phone rings.",
  denied: "Notifications for this site are blocked in the browser settings.",
  impossible: "Notifications need HTTPS. The tab title and the sound work without it.",
};

const box = document.getElementById("notices");
const button = box.querySelector("[data-ask-notices]");

function show() {
  const state = permission();
  box.hidden = false;
  box.querySelector("[data-notices]").textContent = t(WORDS[state]);
  button.hidden = state !== "default";
}

const sound = new Sound();
for (const listen of document.querySelectorAll("[data-listen]")) {
  listen.addEventListener("click", () => sound.play(document.getElementById(listen.dataset.listen).value));
}

await loadTranslations();
button.addEventListener("click", () => askPermission().then(show));
show();
