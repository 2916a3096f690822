// On the card of an answered call: the one missing fact that is worth asking for, with a field for the answer.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { page } from "./page_context.js";
import { icon, userText } from "./view_helpers.js";
import { coded, t } from "./translations.js";

const KINDS = { email: ["email", "ltr"], second_number: ["tel", "ltr"], birthday: ["text", "ltr"], heard_from: ["text", "auto"], passport_expires: ["text", "ltr"] };
const MOST_NAMES = 3;

// A day as a form in this language wants it.
const EXAMPLES = { birthday: ["۱۳۶۶/۰۵/۱۲", "1987-08-03"], passport_expires: ["۱۴۱۰/۰۲/۱۱", "2031-05-01"] };
const exampleOf = (fact) => EXAMPLES[fact]?.[page.lang === "fa" ? 0 : 1] ?? "";

const nameOf = ({ names }) => names[page.lang] || names.en || Object.values(names)[0] || "";

// sharedWith: the other customers of a second number, before it is saved for this one too.
export function askedFactView(fact, { bad, sharedWith }) {
  if (!fact) return nothing;
  const [type, direction] = KINDS[fact];
  return html`<form class="work-row asked" data-fact=${fact} novalidate>
    <label class="asked-field"><span class="work-title">${icon("maybe")}${coded("ask", fact)}</span>
      <input name="answer" type=${type} dir=${direction} maxlength="200" autocomplete="off" placeholder=${exampleOf(fact)}
        aria-invalid=${bad ? "true" : "false"}></label>
    <button class="small main">${t("Save")}</button>
    <button type="button" class="small quiet" data-decline>${t("Would rather not say")}</button>
    ${sharedWith.length ? html`<p class="asked-shared" role="alert">${icon("alert")}<span>${t("Another customer has this number:")}
      ${sharedWith.slice(0, MOST_NAMES).map((one, i) => html`${i ? " · " : ""}${userText(nameOf(one))}`)}</span>
      <button type="button" class="small" data-share>${t("Save for both")}</button></p>` : nothing}
  </form>`;
}

export const savedWords = (fact) => coded("fact_saved", fact);
