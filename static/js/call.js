// One call's page: why the card did or did not appear, and every step of it, in plain words.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { exactMoment, length, number, timeWithMilliseconds } from "./dates.js";
import { figure, icon, phone, piece, said } from "./pieces.js";
import { findings, toneOf } from "./trace.js";
import { coded, has, learnWords, parts, t } from "./words.js";

const { trace } = JSON.parse(document.getElementById("trace").textContent);
trace.sort((a, b) => a.at - b.at);

function span(seconds) {
  if (seconds < 1) return piece(t("%(ms)s ms", { ms: number(Math.round(seconds * 1000)) }));
  return seconds < 60 ? piece(t("%(seconds)s s", { seconds: number(Math.round(seconds * 10) / 10) })) : figure(length(seconds));
}
const NUMBERISH = /^[+\d][\d ]*$/;
const named = (value) => (NUMBERISH.test(String(value)) ? phone(value) : said(value));

function why(one) {
  return html`<li><span class="row-title">${icon(one.tone === "good" ? "certain" : "alert")} ${parts(`why.${one.code}`, {
    agent: one.agent ? html`<b>${said(one.agent)}</b>` : "",
    endpoint: one.endpoint ? phone(one.endpoint) : "",
    sent: one.sent_s === undefined ? "" : span(one.sent_s),
    painted: one.painted_s === undefined ? "" : span(one.painted_s),
    ahead: one.ahead_s === undefined ? "" : span(one.ahead_s),
  })}</span></li>`;
}

// Which catalogue has the words of a step's coded values.
const CODED = {
  arrived: { direction: "direction" }, caller: { kind: "caller_kind", how: "how" }, matched: { sure: "sure", why: "why_matched" },
  card: { state: "state", match: "sure" }, stopped: { reason: "outcome" }, left_queue: { reason: "left_queue" },
  transferred: { transfer: "transfer_kind" }, ended: { reason: "end_reason", disposition: "disposition" },
  offer_answered: { answer: "offer_answer" },
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
  if (["dialled", "rang"].includes(step.step) && !step.agent) return `${step.step}_nobody`;
  if (step.step === "dialled" && step.queue) return "dialled_queue";
  if (step.step === "queued" && !step.position) return "queued_somewhere";
  if (step.step === "arrived" && !step.did) return "arrived_plain";
  if (step.step === "caller" && !step.raw) return "caller_nothing";
  if (step.step === "stopped" && step.by) return "stopped_by";
  if (step.step === "browsers" && !step.count) return "browsers_none";
  if (step.step === "ended" && step.disposition) return "ended_as";
  return step.step;
}

function row(step) {
  const variant = variantOf(step);
  const words = has(`trace.${variant}`) ? parts(`trace.${variant}`, params(step)) : coded("trace", step.step);
  return html`<li><span class="at" title=${exactMoment(step.at)}>${figure(timeWithMilliseconds(step.at))}</span><span class="knot ${toneOf(step)}"></span>
    <span>${words}${step.estimated ? html` <span class="pill">${t("seen late")}</span>` : ""}</span></li>`;
}

await learnWords();
render(findings(trace).map(why), document.getElementById("why"));
render(trace.map(row), document.getElementById("timeline"));
