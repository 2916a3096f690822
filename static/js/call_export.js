// The export of the call log: rows written of all, and a button that ends it. Without this module the form is an
// ordinary download.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { number } from "./date_format.js";
import { page } from "./page_context.js";
import { figure } from "./view_helpers.js";
import { loadTranslations, parts, t } from "./translations.js";

const EVERY_MS = 400;
const place = document.getElementById("export-progress");
let running = null;

const jobName = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const pathOf = (job) => `/api/v1/exports/${job}`;

function show({ rows = 0, total = null, text = null, failed = false } = {}) {
  place.hidden = false;
  const counted = total === null ? t("Counting the rows…")
    : parts("%(rows)s of %(total)s rows written", { rows: figure(number(rows)), total: figure(number(total)) });
  render(text !== null
    ? html`<p role="status" ?data-bad=${failed}>${text}</p>`
    : html`<p role="status">${counted}</p>
      ${total === null ? html`<progress aria-label=${t("Progress")}></progress>`
        : html`<progress max=${total || 1} value=${rows} aria-label=${t("Progress")}></progress>`}
      <button type="button" class="small" data-cancel-export>${t("Cancel")}</button>`, place);
}

async function follow(own) {
  const answer = await fetch(pathOf(own.job), { cache: "no-store" }).catch(() => null);
  if (running !== own) return;
  // Not known: it has not begun, or has ended and its last bytes are on the way.
  if (answer?.ok) own.last = await answer.json();
  if (running !== own) return;
  show(own.last);
  setTimeout(() => follow(own), EVERY_MS);
}

async function save(form, format) {
  const own = { job: jobName(), abort: new AbortController(), last: {} };
  running = own;
  show();
  follow(own);
  const body = new URLSearchParams([...new FormData(form), ["format", format], ["job", own.job]]);
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: own.abort.signal });
    if (!answer.ok) throw new Error(answer.status === 503 ? "busy" : "failed");
    const file = await answer.blob();
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? `calls.${format}`;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    running = null;
    show({ text: parts("%(name)s was saved.", { name: html`<bdi dir="ltr">${name}</bdi>` }) });
  } catch (problem) {
    const cancelled = own.abort.signal.aborted;
    running = null;
    show({ text: cancelled ? t("The export was cancelled.") : t(problem.message === "busy" ? "problem.export_busy" : "problem.export_failed.title"), failed: !cancelled });
  }
}

function cancel() {
  const own = running;
  if (!own) return;
  own.abort.abort();
  // A workbook is assembled before its first byte: the server does not notice that the page has left.
  fetch(`${pathOf(own.job)}/cancel`, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf }, body: "{}" }).catch(() => null);
}

if (place) {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-export]")) return;
    event.preventDefault();
    if (!running) save(event.target, event.submitter?.value ?? "xlsx");
  });
  place.addEventListener("click", (event) => event.target.closest("[data-cancel-export]") && cancel());
  // Last: a click that comes while the words are on their way is not left to the browser.
  await loadTranslations();
}
