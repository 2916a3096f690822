// The line of a card about a customer's value: stage, chance, the next tier, and points.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { coded, t } from "./translations.js";
import { chanceSentence, nextTierWords, pointsWords } from "./value_words.js";
import { icon, piece } from "./view_helpers.js";

const STAGE_TONES = { new: "good", won_back: "good", due: "ringing", late: "warn", lapsed: "warn" };

export function valueView(value, points) {
  const staged = value && value.stage !== "none";
  if (!staged && !points) return nothing;
  const pieces = staged
    ? [chanceSentence(value), value.top ? t("Top customer") : "", value.next_tier ? nextTierWords(value.next_tier) : ""]
    : [];
  return html`<p class="value-line" role="note" aria-label=${t("value.title")}>${icon("star")}
    ${staged ? html`<span class="pill ${STAGE_TONES[value.stage] ?? ""}">${coded("stage", value.stage)}</span>` : nothing}
    ${[...pieces, points ? pointsWords(points) : ""].filter(Boolean).map(piece)}</p>`;
}
