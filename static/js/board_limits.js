// When a figure of the board is amber or red, and how that is shown: by colour, sign and word.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { icon } from "./view_helpers.js";
import { t } from "./translations.js";

const NEVER = 0;
const reaches = (value, limit) => limit !== NEVER && value >= limit;

// "" or "warn" or "alarm" of a value that should be low.
export const highLook = (value, [amber, red]) =>
  (value === null || value === undefined ? "" : reaches(value, red) ? "alarm" : reaches(value, amber) ? "warn" : "");

// The same of a value that should be high.
export const lowLook = (value, [amber, red]) =>
  (value === null || value === undefined ? "" : value < red ? "alarm" : value < amber ? "warn" : "");

export const waitLook = (seconds, queue, limits) => highLook(seconds, limits.queues[queue] ?? limits.wait);

const words = (look) => (look === "alarm" ? t("board.urgent") : t("board.attention"));

// A pill with sign and word.
export const sign = (look) => (look
  ? html`<span class="pill sign ${look}">${icon(look === "alarm" ? "alert" : "clock")}${words(look)}</span>` : nothing);

// The sign alone; its word is read aloud.
export const smallSign = (look) => (look
  ? html`<span class="sign ${look}" title=${words(look)}>${icon(look === "alarm" ? "alert" : "clock")}<span class="unseen">${words(look)}</span></span>`
  : nothing);
