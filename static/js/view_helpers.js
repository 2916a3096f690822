// Small pieces of page that many views use.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { page } from "./page_context.js";
import { t } from "./translations.js";

const SPRITE = new URL("../icons.svg", import.meta.url).pathname;

export const icon = (name, extra = "") =>
  html`<svg class="icon ${extra}" aria-hidden="true"><use href="${SPRITE}#${name}"></use></svg>`;

// A phone number: left to right in one piece, in ASCII, so that it copies as it dials.
export const phone = (text) => html`<bdi class="n" dir="ltr">${text}</bdi>`;

// A number that can be dialled: a link for the program that places calls on this computer.
// dialledPath: where the call is announced, see announce_dial.js.
export const dial = (text, e164, dialledPath = null) => (e164
  ? html`<a class="tel" href="tel:${e164}" data-dialled-path=${dialledPath ?? nothing}>${phone(text)}</a>` : phone(text));

// "Call", where the office allows it: calling.js asks first. path: what places the call; only ids are sent.
export const callButton = (path, number, look = "bare") => (page.canCall
  ? html`<button type="button" class=${look} data-call-path=${path} data-number=${number} title=${t("Call")}>${icon("phone")}<span class="unseen">${t("Call")} ${number}</span></button>`
  : nothing);

// A figure, a duration, a time of day: left to right in one piece, in the page's own digits.
export const figure = (text) => html`<bdi class="n">${text}</bdi>`;

// A date or an amount: one piece, in the direction of its words.
export const piece = (text) => html`<bdi class="p">${text}</bdi>`;

// Text a user or caller wrote: its own direction, whatever it contains.
export const userText = (text) => html`<bdi class="user-text">${text}</bdi>`;

// A text in one of several languages: in the page's own, else as good as there is, and marked as what it is.
export const languageKey = (texts, wanted) =>
  [wanted, "en", ...Object.keys(texts ?? {})].find((code) => texts?.[code]) ?? wanted;

export function withLangAttribute(texts, wanted = document.documentElement.lang) {
  const code = languageKey(texts, wanted);
  return html`<bdi class="user-text" lang=${code} dir=${code === "fa" ? "rtl" : "ltr"}>${texts?.[code] ?? ""}</bdi>`;
}

export const strong = (content) => html`<b>${content}</b>`;

export const between = (pieces, mark = " · ") =>
  pieces.filter((piece) => piece !== nothing && piece !== "" && piece !== null && piece !== undefined)
    .flatMap((piece, i) => (i ? [mark, piece] : [piece]));
