// The line of a card about a customer's value: stage, chance and the next tier.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { coded, t } from "./translations.js";
import { chanceSentence, nextTierWords } from "./value_words.js";
import { icon, piece } from "./view_helpers.js";

const STAGE_TONES = { new: "good", won_back: "good", due: "ringing", late: "warn", lapsed: "warn" };

export function valueView(value) {
  if (value.stage === "none") return nothing;
  const pieces = [chanceSentence(value), value.top ? t("Top customer") : "", value.next_tier ? nextTierWords(value.next_tier) : ""];
  return html`<p class="value-line" role="note" aria-label=${t("value.title")}>${icon("star")}
    <span class="pill ${STAGE_TONES[value.stage] ?? ""}">${coded("stage", value.stage)}</span>
    ${pieces.filter(Boolean).map(piece)}</p>`;
}
