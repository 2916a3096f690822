// The line above the name: what the call is doing, on which line, and how long they have waited.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { lineName } from "./caller_identity.js";
import { length } from "./date_format.js";
import { icon, phone, piece, userText } from "./view_helpers.js";
import { coded, has, parts, t } from "./translations.js";

const ICONS = { talking: "phone", gone: "phone" };
const COUNTS = new Set(["ringing", "dialling", "listening", "talking", "held", "wrap_up"]);
const NUMBERISH = /^[\d+*# ]+$/;

export function cardStatusLine(card, { short = false } = {}) {
  const name = lineName(card.line);
  return html`<div class="where">
    <span class="state">${icon(ICONS[card.state] ?? card.state)}<span>${coded("state", card.state)}</span>
      ${COUNTS.has(card.state) ? html`<bdi class="p"><elapsed-time since=${startOf(card)}></elapsed-time></bdi>` : nothing}</span>
    ${card.reason && card.reason.code !== "ended" ? html`<span class="why-state">${stateReason(card.reason)}</span>` : nothing}
    ${name ? html`<span class="line">${icon(card.direction === "internal" ? "internal" : card.direction, "turns")}${name}</span>` : nothing}
    ${short ? nothing : waited(card.line)}
    ${!short && card.also_ringing.length
      ? html`<span class="also">${parts("also ringing: %(names)s", { names: listed(card.also_ringing) })}</span>` : nothing}
    ${card.estimated && !short ? html`<span class="pill">${t("detected late")}</span>` : nothing}
  </div>
  ${card.transfer && !short ? transferred(card.transfer, card.line.queue) : nothing}`;
}

const startOf = (card) =>
  (card.state === "talking" && card.answered_at) || (card.state === "ringing" && card.rang_at) || card.since;

function waited({ queue, waited_s: seconds }) {
  const long = seconds === null || seconds === undefined || seconds < 1 ? null : piece(length(seconds));
  if (queue && long) return html`<span>${parts("queue %(queue)s, waited %(time)s", { queue: html`<b>${userText(queue)}</b>`, time: long })}</span>`;
  if (queue) return html`<span>${parts("queue %(queue)s", { queue: html`<b>${userText(queue)}</b>` })}</span>`;
  return long ? html`<span>${parts("waited %(time)s", { time: long })}</span>` : nothing;
}

export const listed = (names) => names.flatMap((name, i) => (i ? [t("list.comma"), userText(name)] : [userText(name)]));

export function stateReason({ code, params = {} }) {
  if (!has(`reason.${code}`)) return coded("reason", code);
  const values = Object.fromEntries(Object.entries(params).map(([key, value]) =>
    [key, NUMBERISH.test(String(value)) ? phone(value) : userText(value)]));
  return parts(`reason.${code}`, values);
}

function transferred({ origin, kind, talked_s: talked, note, queue: first }, queue) {
  const sender = NUMBERISH.test(origin) ? phone(origin) : html`<b>${userText(origin)}</b>`;
  const known = talked !== null && talked !== undefined && talked >= 1;
  return html`<div class="transfer">${icon("transfer", "turns")}<p>
    ${parts(known ? "transfer.talked" : "transfer.plain", {
      name: sender, kind: coded("transfer_kind", kind), time: known ? piece(length(talked)) : "",
    })}${first && first !== queue ? html` ${parts("transfer.first_queue", { queue: html`<b>${userText(first)}</b>` })}` : nothing}${note ? html` <q class="transfer-note">${userText(note)}</q>` : nothing}</p></div>`;
}
