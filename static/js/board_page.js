// The supervisor's board and the wall screen: callers, queues, agents as they are now, and the figures of the day.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import "./elapsed_time.js";
import { BoardAgents } from "./board_agents.js";
import { BoardCalls } from "./board_calls.js";
import { BoardFilter } from "./board_filter.js";
import { highLook, lowLook, sign, waitLook } from "./board_limits.js";
import { eachSecond, now, runClock, stopClock } from "./clock.js";
import { isLive, showBanner, showStatus, STARTING } from "./connection_banner.js";
import { length, number, percent, time, timeWithSeconds } from "./date_format.js";
import { Calls } from "./live_calls.js";
import { RingBar } from "./ring_bar.js";
import { Line, TAB } from "./socket.js";
import { Tabs } from "./tab_presence.js";
import { Today } from "./today.js";
import { loadTranslations, parts, t } from "./translations.js";
import { unchanged } from "./unchanged.js";
import { figure, icon, userText } from "./view_helpers.js";

const place = document.getElementById("board");
const given = JSON.parse(place.dataset.board);
const { limits } = given;
const calls = new Calls();
const agents = new Map();
const filter = new BoardFilter(document.getElementById("board-filters"), given.teams, () => { today.refresh(); soon(); });
const today = new Today(() => soon(), () => given.figures + filter.query);
const status = { line: STARTING, pbx: new Map() };
const turns = { calls: 0, agents: 0 };
const agentViews = new BoardAgents(agents, { clock: (since, call) => clock(since, call), isStale });
const callViews = new BoardCalls(agents, { clock: (since, call) => clock(since, call), look: waitOf, isStale });

// While its PBX is not connected nothing of a call is known to go on: its times stand still.
function isStale(call) {
  const pbx = call && status.pbx.get(call.pbx);
  return Boolean(pbx) && pbx.state !== "live";
}

function clock(since, call = null) {
  return isStale(call) ? length(status.pbx.get(call.pbx).since - since) : html`<elapsed-time since=${since}></elapsed-time>`;
}

function waitOf(call) {
  return waitLook(now() - call.arrived_at, call.queue, limits);
}

function fig(name, value, words, look = "") {
  return html`<div class="fig ${look}" data-figure=${name}><b>${value}</b><span>${words}</span>${sign(look)}</div>`;
}

const WORST = ["", "warn", "alarm"];
const worst = (...looks) => looks.reduce((a, b) => (WORST.indexOf(b) > WORST.indexOf(a) ? b : a), "");

function figures({ waiting, ringing, talking }) {
  const all = [...waiting, ...ringing];
  const longest = (list) => list.reduce((a, b) => (b.arrived_at < a.arrived_at ? b : a));
  const day = today.figures;
  const count = (value) => (value === undefined || value === null ? "–" : number(value));
  const share = (value, digits = 0) => (value === undefined || value === null ? "–" : percent(value, digits));
  const abandoned = day?.offered ? (100 * day.abandoned) / day.offered : null;
  const level = day?.service_level ?? null;
  return html`<div class="figs">
    ${fig("waiting", number(waiting.length), waiting.length
      ? parts("waiting; longest %(time)s", { time: html`<bdi class="p">${clock(longest(waiting).arrived_at, longest(waiting))}</bdi>` }) : t("waiting"),
      worst(highLook(all.length, limits.waiting), ...all.map(waitOf)))}
    ${fig("talking", number(talking.length), ringing.length ? parts("board.talking_and_ringing", { ringing: number(ringing.length) }) : t("talking"))}
    ${fig("answered", count(day?.answered), t("answered today"))}
    ${fig("abandoned", count(day?.abandoned), t("abandoned today"), highLook(abandoned, limits.abandoned))}
    ${fig("service_level", share(level), t("answered within the target"), lowLook(level === null ? null : 100 * level, limits.service_level))}
    ${linked("/callbacks", fig("callbacks", count(day?.callbacks), t("callbacks open")))}
    ${linked("/follow-ups", fig("promises", count(day?.promises), t("promises due")))}
    ${popups(day)}
  </div>`;
}

const linked = (address, content) => (given.screen ? content : html`<a class="fig-link" href=${address}>${content}</a>`);

// Of today's answered calls, how many had their card on the screen before the answer.
function popups(day) {
  const part = day?.popup_answered ? day.popup_before / day.popup_answered : null;
  const look = lowLook(part === null ? null : 100 * part, limits.popup);
  const content = html`<div class="fig popups ${look || (part === null ? "" : "best")}" data-figure="popup"><b>${part === null ? "–" : percent(part, 1)}</b><span>${t("card before the answer")}</span>${sign(look)}</div>`;
  return linked("/reports/popup", content);
}

const BLIND_SHOWN_S = 8 * 3600;

// What the PBX did while its line was down is not known: the board shows it.
function blindSpells() {
  const spells = [...status.pbx.values()].filter((one) => one.blind && one.state === "live" && now() - one.blind.ended_at < BLIND_SHOWN_S);
  return spells.length ? html`<p class="calm blind" role="note">${spells.map((one) => html`${parts(status.pbx.size > 1 ? "board.blind_of" : "board.blind", {
    name: userText(one.id), begun: figure(time(one.blind.begun_at)), ended: figure(time(one.blind.ended_at)),
  })} `)}</p>` : nothing;
}

// How old the board is: never a guess, the time of the last message of the server.
function age(live) {
  const { heardAt } = status.line;
  const stale = parts("board.stale", { time: figure(timeWithSeconds(heardAt)) });
  const fresh = parts("board.age", { time: length(Math.max(0, Date.now() / 1000 - heardAt)) });
  const counted = today.figures && now() - today.figures.at > 150
    ? html` <span class="pill warn">${icon("clock")}${parts("board.figures_of", { time: figure(time(today.figures.at)) })}</span>` : nothing;
  return html`<p class="age ${live ? "" : "alarm"}"><span class="dot ${live ? "live" : "alarm"}"></span>${live ? fresh : stale}${counted}</p>`;
}

function content(live) {
  const groups = calls.groups((call) => filter.showsCall(call));
  const shown = calls.all.filter((call) => filter.showsCall(call));
  const others = today.figures?.phones_without_agent ?? {};
  const queues = (list) => agentViews.queues(given.queues, list, others).filter((row) => filter.showsQueue(row.name));
  const look = (row) => (row.longest ? waitLook(now() - row.longest, row.name, limits) : "");
  return html`<div class="board ${live ? "" : "stale-board"}" data-live=${live ? "yes" : "no"}>${age(live)}${figures(groups)}${blindSpells()}
    <div class="pair">
      <div class="column">${unchanged([turns.calls], () => html`${callViews.waiting(groups)}${callViews.talking(groups)}`)}</div>
      <div class="column">${unchanged([turns.agents], () => html`${agentViews.tiles(agentViews.rows(calls.all, filter), !live)}
        ${agentViews.queueTable(queues(shown), look, (row) => clock(row.longest))}`)}</div>
    </div>
    ${given.screen ? nothing : callViews.ended(groups)}</div>`;
}

function show() {
  const shown = { line: status.line, pbx: [...status.pbx.values()] };
  const live = isLive(shown);
  const pbxLive = !status.pbx.size || [...status.pbx.values()].some((one) => one.state === "live");
  if (status.line.live && pbxLive) runClock();
  else stopClock();
  showBanner(document.getElementById("band"), shown);
  showStatus(document.getElementById("status"), shown);
  // A screen whose link has ended keeps nothing of the office.
  render(given.screen && status.line.stopped ? nothing : content(live), place);
}

// Many calls in one frame are one picture: calls in one frame, agents in the next, so that neither frame is long.
let wanted = false;
function soon() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    turns.calls += 1;
    show();
    requestAnimationFrame(() => { wanted = false; turns.agents += 1; show(); });
  });
}

function address() {
  const host = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1`;
  return given.screen ? `${host}?screen=${encodeURIComponent(place.dataset.token)}` : host;
}

await loadTranslations(soon);
place.removeAttribute("aria-busy");
const tabs = new Tabs(TAB);
const rings = document.getElementById("ring-bar") && new RingBar(tabs, (card, rev, stages) => line.receipt(card, rev, stages));
const line = new Line({
  snapshot: (message) => {
    rings?.snapshot(message.cards);
    status.pbx = new Map(message.pbx.map((one) => [one.id, one]));
    calls.replace(message.calls);
    agents.clear();
    for (const agent of message.agents) agents.set(agent.id, agent);
    today.refresh();
    soon();
  },
  card: (card) => rings?.card(card),
  call: (call, gone) => {
    calls.apply(call, gone);
    if (call.state === "ended") today.soon();
    soon();
  },
  pbx: (message) => { status.pbx.set(message.id, message); soon(); },
  agent: (agent, gone) => {
    if (gone) agents.delete(agent.id);
    else agents.set(agent.id, agent);
    soon();
  },
  callback: () => today.soon(),
  state: (state) => {
    const hasEnded = given.screen && state.stopped === "refused";
    status.line = hasEnded ? { ...state, stopped: "screen_ended" } : state;
    rings?.state(state.live);
    tabs.present();
    soon();
  },
  build: () => location.reload(),
}, address());
document.addEventListener("click", (event) => event.target.closest("[data-act=reload]") && location.reload());
eachSecond(() => { today.tick(); soon(); });
show();
line.start();
