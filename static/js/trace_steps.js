// The steps of a call's trace, each in plain words: for the call's page and for a call that is being played.
import { html } from "../vendor/lit-html/lit-html.js";
import { exactMoment, length, number, timeWithMilliseconds } from "./date_format.js";
import { figure, phone, piece, userText } from "./view_helpers.js";
import { toneOf } from "./trace_findings.js";
import { coded, has, parts, t } from "./translations.js";

const NUMBERISH = /^[+\d][\d ]*$/;
const named = (value) => (NUMBERISH.test(String(value)) ? phone(value) : userText(value));

// Which catalogue has the words of a step's coded values.
const CODED = {
  arrived: { direction: "direction" }, caller: { kind: "caller_kind", how: "how" }, matched: { sure: "sure", why: "why_matched" },
  card: { state: "state", match: "sure" }, stopped: { reason: "outcome" }, left_queue: { reason: "left_queue" },
  transferred: { transfer: "transfer_kind" }, ended: { reason: "end_reason", disposition: "disposition" },
  offer_answered: { answer: "offer_answer", why: "decline_reason" },
};

function params(step) {
  const codes = CODED[step.step] ?? {};
  return Object.fromEntries(Object.entries(step).map(([name, value]) => {
    if (codes[name] && value) return [name, coded(codes[name], String(value))];
    if (typeof value === "number") return [name, name.endsWith("_s") ? piece(length(value)) : number(value)];
    return [name, value === "" || value === null || value === true ? "" : named(value)];
  }));
}

function variantOf(step) {
  if (step.outside && has(`trace.${step.step}_outside`)) return `${step.step}_outside`;
  if (step.step === "stopped" && step.by && step.reason === "cancelled") return "stopped_consultation";
  if (["dialled", "rang"].includes(step.step) && !step.agent) return `${step.step}_nobody`;
  if (step.step === "dialled" && step.queue) return "dialled_queue";
  if (step.step === "queued" && !step.position) return "queued_somewhere";
  if (step.step === "arrived" && !step.did) return "arrived_plain";
  if (step.step === "caller" && !step.raw) return "caller_nothing";
  if (step.step === "stopped" && step.by) return "stopped_by";
  if (step.step === "browsers" && !step.count) return "browsers_none";
  if (step.step === "offer_answered" && step.why) return "offer_declined";
  if (step.step === "ended" && step.disposition) return "ended_as";
  return step.step;
}

export function stepRow(step) {
  const variant = variantOf(step);
  const words = has(`trace.${variant}`) ? parts(`trace.${variant}`, params(step)) : coded("trace", step.step);
  return html`<li><span class="at" title=${exactMoment(step.at)}>${figure(timeWithMilliseconds(step.at))}</span><span class="knot ${toneOf(step)}"></span>
    <span>${words}${step.estimated ? html` <span class="pill">${t("detected late")}</span>` : ""}</span></li>`;
}
