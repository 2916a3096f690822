// The check after the setup: waits for the server to start anew, then for the link and the first ring.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { loadTranslations, t } from "./translations.js";
import { icon, phone } from "./view_helpers.js";

const EVERY_MS = 1_000;

await loadTranslations();
const box = document.querySelector("[data-setup-since]");
const [link, ring] = ["link", "ring"].map((name) => box.querySelector(`[data-setup-${name}]`));
for (const place of [link, ring]) place.replaceChildren();

const good = (words) => html`<span class="done">${icon("check")}<span>${words}</span></span>`;

function show({ links, ring: first }) {
  const live = links.length > 0 && links.every(({ state }) => state === "live");
  const lines = links.length
    ? links.map(({ pbx, state }) => html`<span><bdi>${pbx}</bdi>: ${t(`pbx_state.${state}`)}</span> `)
    : t("setup.no_pbx");
  render(live ? good(lines) : html`${lines}`, link);
  render(first
    ? good(html`${t("setup.ring")} ${phone(first.number)} <a href="/calls/${first.id}">${t("setup.see_call")}</a>`)
    : html`${t("setup.waiting")}`, ring);
  return live && first;
}

async function look() {
  try {
    const answer = await fetch(`/admin/setup/state?since=${box.dataset.setupSince}`);
    if (answer.ok && show(await answer.json())) return;
  } catch {
    // The server starts anew; the next look finds it.
    render(html`${t("setup.restarting")}`, link);
  }
  setTimeout(look, EVERY_MS);
}

look();
