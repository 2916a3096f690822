// Every page but the desk and the board: a line to the server of its own, for the bar of rings alone.
// A hidden page gives its line up as long as another tab of this browser listens, so that many open pages
// do not use up the sockets of a user; it takes it back when it is shown or the other tab goes.
import { runClock, stopClock } from "./clock.js";
import { time } from "./date_format.js";
import { isVisible } from "./page_context.js";
import { RingBar } from "./ring_bar.js";
import { Line, TAB } from "./socket.js";
import { Tabs } from "./tab_presence.js";
import { loadTranslations, t } from "./translations.js";

const REST_AFTER_MS = 30_000;
const CHECK_MS = 5_000;

await loadTranslations();

const tabs = new Tabs(TAB);
let hiddenAt = Date.now();
let wasLive = false;

const line = new Line({
  snapshot: ({ cards }) => bar.snapshot(cards),
  card: (card) => bar.card(card),
  call: () => {},
  pbx: () => {},
  callback: () => document.dispatchEvent(new Event("screenpop:callback")),
  build: () => {}, // a page may hold typed text: it is not loaded again
  login: () => showMessage(t("You are logged out"), `/login?next=${encodeURIComponent(location.pathname + location.search)}`),
  state,
});
const bar = new RingBar(tabs, (card, rev, stages) => line.receipt(card, rev, stages));

function state({ live, starting, heardAt, stopped }) {
  bar.state(live);
  document.getElementById("ring-status").dataset.live = live ? "yes" : "no";
  if (live) runClock();
  else stopClock();
  if (live) tabs.present();
  if (stopped === "login") return;
  if (live || line.rests || (starting && !wasLive)) showMessage("");
  else if (stopped === "too_many_tabs") showMessage(t("Calls are not shown here: too many open tabs"));
  else if (stopped) showMessage(t("Calls are not shown here"));
  else showMessage(t("Calls are not shown here: connection lost at %(time)s", { time: time(heardAt) }));
  wasLive ||= live;
}

function showMessage(words, href = "") {
  const place = document.getElementById("ring-status");
  if (place.dataset.words === words) return;
  place.dataset.words = words;
  place.hidden = !words;
  place.textContent = "";
  if (!words) return;
  const dot = document.createElement("span");
  dot.className = "dot alarm";
  const text = document.createElement(href ? "a" : "span");
  if (href) text.href = href;
  text.textContent = words;
  place.append(dot, text);
}

function restOrWake() {
  if (isVisible()) hiddenAt = Date.now();
  const spare = !isVisible() && tabs.isSpare;
  if (line.rests && !spare) line.wake();
  else if (!line.rests && spare && Date.now() - hiddenAt >= REST_AFTER_MS) line.rest();
}

document.addEventListener("visibilitychange", restOrWake);
tabs.onBye(restOrWake);
setInterval(restOrWake, CHECK_MS);
line.start();
