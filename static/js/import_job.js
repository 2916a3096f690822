// One import: follows how far it is, and reads another sheet as soon as it is chosen.
import { writeCounts } from "./localized_numbers.js";
import { has, loadTranslations, t } from "./translations.js";

const EVERY_MS = 400;
const following = document.querySelector("[data-follow]");

function show(job) {
  const bar = following.querySelector("progress");
  if (job.total > 0 && job.stage !== "undoing" && job.phase !== "settling") {
    bar.max = job.total;
    bar.value = Math.min(job.counts.read, job.total);
  } else bar.removeAttribute("value");
  const read = following.querySelector("[data-read]");
  if (read) read.dataset.count = job.counts.read;
  writeCounts(following);
  const phase = `import_phase.${job.phase === "reading" ? job.stage : job.phase}`;
  const words = has(phase) ? t(phase) : "";
  const place = following.querySelector("[data-phase]");
  if (words && place.textContent !== words) place.textContent = words;
}

async function follow() {
  try {
    const answer = await fetch(following.dataset.follow, { cache: "no-store" });
    // Forgotten by a server that started anew, or logged out: the page itself shows it.
    if (!answer.ok) return location.reload();
    const job = await answer.json();
    show(job);
    if (!job.busy) return location.replace(location.pathname);
  } catch {
    // The server is away for a moment.
  }
  return setTimeout(follow, EVERY_MS);
}

writeCounts();
for (const choice of document.querySelectorAll("[data-sends]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
if (following) {
  await loadTranslations();
  follow();
}
