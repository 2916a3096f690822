// The demo's guide: numbered notes, each with a mark around the part of the card that it explains.
// It takes no focus, covers nothing that it explains, and a session that closed it does not see it again.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { number } from "./date_format.js";
import { page } from "./page_context.js";
import { TYPING } from "./shortcuts.js";
import { loadTranslations, t } from "./translations.js";
import { icon } from "./view_helpers.js";

const NOTES = [
  ["start", ".card:not(.brief)"],
  ["name", ".caller-name .name"],
  ["sure", ".caller-name .sure"],
  ["tier", ".caller-block .badges"],
  ["greeting", ".say, .ask"],
  ["line", ".where"],
  ["now", ".chips"],
  ["trips", ".past .trips, .past"],
  ["suggestion", ".worth .offer, .worth"],
  ["asked", ".asked, call-work .work-row"],
  ["notes", ".notes"],
  ["missed", "#beside > :first-child"],
];
const EDGE_PX = 6;

const place = document.getElementById("guide");
const mark = document.getElementById("guide-mark");
const rightToLeft = document.documentElement.dir === "rtl";
let at = 0;
let isOpen = place.dataset.open === "yes";

const whole = () => document.querySelector("#stack .card:not(.brief)");

function part() {
  const [, selector] = NOTES[at];
  if (selector.startsWith("#") || selector.startsWith(".card")) return document.querySelector(selector);
  for (const one of selector.split(", ")) {
    const found = [...(whole()?.querySelectorAll(one) ?? [])].find((element) => element.offsetWidth);
    if (found) return found;
  }
  return null;
}

function view() {
  const [name] = NOTES[at];
  const first = at === 0;
  const last = at === NOTES.length - 1;
  return html`
    <p class="guide-text" role="status"><b class="guide-number">${number(at + 1)}<small> / ${number(NOTES.length)}</small></b>
      <span>${t(`guide.${name}`)}${part() ? nothing : html` <span class="soft">${t(whole() ? "guide.absent" : "guide.wait")}</span>`}</span></p>
    <div class="guide-acts">
      <button type="button" class="small" ?disabled=${first} aria-keyshortcuts=${rightToLeft ? "ArrowRight" : "ArrowLeft"} @click=${() => go(-1)}>${t("guide.back")}</button>
      <button type="button" class="small main" aria-keyshortcuts=${rightToLeft ? "ArrowLeft" : "ArrowRight"} @click=${() => (last ? close() : go(1))}>${t(last ? "guide.done" : "guide.next")}</button>
      <button type="button" class="bare" title=${t("guide.close")} @click=${close}>${icon("close")}<span class="unseen">${t("guide.close")}</span></button>
    </div>`;
}

// The mark lies around the part; it takes no click.
function drawMark() {
  const rect = part()?.getBoundingClientRect();
  const isSeen = isOpen && at > 0 && rect && rect.width > 0;
  mark.hidden = !isSeen;
  if (!isSeen) return;
  const { style } = mark;
  [style.left, style.top] = [`${rect.left - EDGE_PX}px`, `${rect.top - EDGE_PX}px`];
  [style.width, style.height] = [`${rect.width + 2 * EDGE_PX}px`, `${rect.height + 2 * EDGE_PX}px`];
  mark.dataset.number = number(at + 1);
}

function show() {
  place.hidden = !isOpen;
  document.body.classList.toggle("guided", isOpen);
  if (isOpen) render(view(), place);
  document.body.style.setProperty("--guide", isOpen ? `${place.offsetHeight}px` : "0px");
  drawMark();
}

// What is explained is moved between the head of the page and the guide.
function bringIntoView() {
  const found = part();
  if (!found || at === 0) return;
  found.scrollIntoView({ block: "nearest", behavior: "instant" });
  const rect = found.getBoundingClientRect();
  const top = document.querySelector(".bar").offsetHeight + 2 * EDGE_PX;
  const bottom = innerHeight - place.offsetHeight - 2 * EDGE_PX;
  if (rect.top < top || rect.bottom > bottom) {
    const over = rect.height > bottom - top ? rect.top - top : rect.top - (top + bottom - rect.height) / 2;
    scrollBy({ top: over, behavior: "instant" });
  }
}

function go(step) {
  at = Math.min(NOTES.length - 1, Math.max(0, at + step));
  show();
  bringIntoView();
  drawMark();
}

const report = (what) =>
  fetch(`/demo/guide/${what}`, { method: "POST", headers: { "X-CSRF-Token": page.csrf } }).catch(() => {});

function close() {
  isOpen = false;
  show();
  report("close");
}

function open() {
  document.getElementById("keys")?.close();
  [isOpen, at] = [true, 0];
  show();
  report("open");
}

function pressed(event) {
  if (!isOpen || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.closest?.(TYPING)) return;
  const forwards = rightToLeft ? "ArrowLeft" : "ArrowRight";
  const backwards = rightToLeft ? "ArrowRight" : "ArrowLeft";
  if (event.key === forwards) go(1);
  else if (event.key === backwards) go(-1);
  else if (event.key === "Escape" && place.contains(document.activeElement)) close();
}

await loadTranslations();
document.addEventListener("keydown", pressed);
addEventListener("scroll", drawMark, { passive: true, capture: true });
addEventListener("resize", show, { passive: true });
document.querySelector("[data-opens=guide]")?.addEventListener("click", open);
new MutationObserver(() => isOpen && show()).observe(document.getElementById("stack"), { childList: true });
setInterval(drawMark, 500);
show();
