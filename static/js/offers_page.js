// The customers that an offer fits: each reason in the words of the card, also after the list came anew.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { reasonSentence } from "./alerts.js";
import { loadTranslations } from "./translations.js";

await loadTranslations();

function writeReasons() {
  for (const place of document.querySelectorAll("[data-reason]:empty")) {
    render(html`${reasonSentence(JSON.parse(place.dataset.reason))}`, place);
  }
}

writeReasons();
document.addEventListener("htmx:afterSwap", writeReasons);
