// One call's page: why the card did or did not appear, and every step of it, in plain words.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { length, number } from "./date_format.js";
import { isVisible } from "./page_context.js";
import { icon, phone, piece, userText } from "./view_helpers.js";
import { stepRow } from "./trace_steps.js";
import { findings } from "./trace_findings.js";
import { loadTranslations, parts, t } from "./translations.js";

const read = (from) => JSON.parse(from.getElementById("trace").textContent);

function span(seconds) {
  if (seconds < 1) return piece(t("%(ms)s ms", { ms: number(Math.round(seconds * 1000)) }));
  return seconds < 60 ? piece(t("%(seconds)s s", { seconds: number(Math.round(seconds * 10) / 10) })) : piece(length(seconds));
}
function why(one) {
  return html`<li><span class="row-title">${icon(one.tone === "good" ? "certain" : "alert")} ${parts(`why.${one.code}`, {
    agent: one.agent ? html`<b>${userText(one.agent)}</b>` : "",
    endpoint: one.endpoint ? phone(one.endpoint) : "",
    sent: one.sent_s === undefined ? "" : span(one.sent_s),
    painted: one.painted_s === undefined ? "" : span(one.painted_s),
    ahead: one.ahead_s === undefined ? "" : span(one.ahead_s),
  })}</span></li>`;
}

const REFRESH_MS = 3000;
const LIVE_PARTS = ["drawn", "legs"];

function show({ trace, entry }) {
  trace.sort((a, b) => a.at - b.at);
  const reasons = document.getElementById("why");
  if (reasons) {
    const goesOn = entry.disposition === "in_progress";
    // The phones of a call in progress may still ring. The steps of an old call may be deleted: keep_traces_days.
    const known = trace.length || goesOn
      ? findings(trace).filter((one) => !(goesOn && one.code === "no_phone")) : [{ code: "no_steps", tone: "plain" }];
    render(known.map(why), reasons);
    reasons.closest("section").hidden = !known.length;
  }
  // A call in progress without known steps has no timeline.
  const timeline = document.getElementById("timeline");
  if (timeline) {
    render(trace.map(stepRow), timeline);
    timeline.closest("section").hidden = !trace.length;
  }
}

// Whether a note is being typed: then nothing is loaded again.
const isTyping = () => [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);

// While the call goes on, its page follows it; what the user types stays.
async function follow() {
  if (isVisible()) {
    const answer = await fetch(location.pathname).catch(() => null);
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = read(fresh);
      const isNew = LIVE_PARTS.some((id) => Boolean(fresh.getElementById(id)) !== Boolean(document.getElementById(id)))
        || Boolean(fresh.getElementById("timeline")) !== Boolean(document.getElementById("timeline"));
      if ((found.entry.disposition !== "in_progress" || isNew) && !isTyping()) return void location.reload();
      for (const id of LIVE_PARTS) {
        const part = fresh.getElementById(id);
        if (part) document.getElementById(id)?.replaceWith(document.adoptNode(part));
      }
      show(found);
      if (found.entry.disposition !== "in_progress") return;
    }
  }
  setTimeout(follow, REFRESH_MS);
}

await loadTranslations();
const first = read(document);
show(first);
if (first.entry.disposition === "in_progress") setTimeout(follow, REFRESH_MS);
