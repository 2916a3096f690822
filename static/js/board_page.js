// The supervisor's board: every current call, longest wait first, and the figures of the day.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import "./elapsed_time.js";
import { statePill } from "./availability.js";
import { isLive, showBanner, showStatus, STARTING } from "./connection_banner.js";
import { Calls } from "./live_calls.js";
import { lineName } from "./caller_identity.js";
import { eachSecond, now, runClock, stopClock } from "./clock.js";
import { length, number, percent, time } from "./date_format.js";
import { between, figure, icon, withLangAttribute, phone, userText } from "./view_helpers.js";
import { RingBar } from "./ring_bar.js";
import { Line, TAB } from "./socket.js";
import { listed } from "./card_status_line.js";
import { Tabs } from "./tab_presence.js";
import { Today } from "./today.js";
import { coded, loadTranslations, parts, t } from "./translations.js";

const AMBER_S = 20;
const RED_S = 60;

const place = document.getElementById("board");
const calls = new Calls();
const agents = new Map();
const today = new Today(() => soon());
const status = { line: STARTING, pbx: new Map() };

const waitClass = (call) => {
  const seconds = now() - call.arrived_at;
  return seconds >= RED_S ? "alarm" : seconds >= AMBER_S ? "warn" : "";
};

const clock = (since) => html`<bdi class="p"><elapsed-time since=${since}></elapsed-time></bdi>`;

function fig(value, words, look = "") {
  return html`<div class="fig ${look}"><b>${value}</b><span>${words}</span></div>`;
}

function figures() {
  const { waiting, ringing, talking } = calls.groups();
  const longest = (list) => Math.min(...list.map((call) => call.arrived_at));
  const { answered, missed } = today.figures ?? {};
  const count = (value) => (value === undefined ? "–" : number(value));
  return html`<div class="figs">
    ${fig(number(waiting.length), waiting.length
      ? parts("waiting; longest %(time)s", { time: clock(longest(waiting)) }) : t("waiting"),
      waiting.length ? waitClass({ arrived_at: longest(waiting) }) : "")}
    ${fig(number(ringing.length), ringing.length
      ? parts("ringing; longest %(time)s", { time: clock(longest(ringing)) }) : t("ringing"))}
    ${fig(number(talking.length), t("talking"))}
    ${fig(count(answered), t("answered today"), "best")}
    ${fig(count(missed), t("missed today"), missed ? "warn" : "")}
    ${popups()}
  </div>`;
}

// Of today's answered calls, how many had their card on the screen before the answer.
function popups() {
  const { popup_answered: answered, popup_before: before } = today.figures ?? {};
  return html`<a class="fig popups" href="/reports/popup"><b>${answered ? percent(before / answered) : "–"}</b><span>${t("card before the answer")}</span></a>`;
}

function callerCell({ caller, person, estimated }) {
  const name = person ? withLangAttribute(person.address)
    : caller.kind === "withheld" ? t("Number withheld")
    : caller.display ? phone(caller.display) : t("No number");
  return html`<span class="caller">${name}
    ${person?.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
    ${person && person.tier !== "none" ? html`<span class="pill ${person.tier}">${coded("tier", person.tier)}</span>` : nothing}
    ${estimated ? html`<span class="pill">${t("detected late")}</span>` : nothing}
    ${person || caller.kind === "withheld" ? nothing : html`<span class="pill">${t("unknown")}</span>`}</span>`;
}

const where = (call) => between([lineName(call.line), call.queue ? userText(call.queue) : ""]);

function stateCell(call) {
  if (call.state === "ringing") return html`<span class="pill ringing">${icon("ringing")}<span>${listed(call.ringing)}</span></span>`;
  const words = call.position ? t("waiting, place %(place)s", { place: number(call.position) }) : t("waiting");
  return html`<span class="pill ${waitClass(call) || ""}">${words}</span>`;
}

function waitingTable({ waiting, ringing }) {
  const rows = [...waiting, ...ringing].sort((a, b) => a.arrived_at - b.arrived_at);
  return html`<section class="box"><h2 class="box-title">${t("Waiting and ringing")}</h2>
    ${rows.length ? html`<table class="stacks"><thead><tr>
      <th scope="col">${t("Caller")}</th><th scope="col">${t("Line, queue")}</th><th scope="col">${t("State")}</th><th scope="col" class="e">${t("Waited")}</th></tr></thead>
      <tbody>${repeat(rows, (call) => call.id, (call) => html`<tr class="${call.state} ${waitClass(call)}">
        <td class="first">${callerCell(call)}</td><td>${where(call)}</td><td>${stateCell(call)}</td><td class="e">${clock(call.arrived_at)}</td></tr>`)}</tbody></table>`
    : html`<p class="calm">${t("No calls waiting.")}</p>`}</section>`;
}

// Which colleague talks: of a call we made, the maker until it is passed on to a colleague.
const agentOf = ({ direction, made_by: maker, answered_by: answered }) =>
  direction === "outbound" && maker && answered.length < 2 ? maker : answered.at(-1) ?? maker;

function talkingTable({ talking, dialling }) {
  const rows = [...talking, ...dialling];
  return html`<section class="box"><h2 class="box-title">${t("Active calls")}</h2>
    ${rows.length ? html`<table class="stacks"><thead><tr>
      <th scope="col">${t("Agent")}</th><th scope="col">${t("Caller")}</th><th scope="col" class="e">${t("Since")}</th></tr></thead>
      <tbody>${repeat(rows, (call) => call.id, (call) => html`<tr class=${call.state}>
        <td class="first">${icon(call.direction, "turns")} ${agentOf(call) ? userText(agentOf(call)) : ""}
          ${call.state === "dialling" ? html`<span class="pill">${icon("dialling")}${coded("state", "dialling")}</span>` : nothing}
          ${call.state === "held" ? html`<span class="pill warn">${icon("held")}${coded("state", "held")}</span>` : nothing}</td>
        <td>${callerCell(call)}</td><td class="e">${clock(call.since)}</td></tr>`)}</tbody></table>`
    : html`<p class="calm">${t("No active calls.")}</p>`}</section>`;
}

const AGENT_ORDER = ["on_call", "wrap_up", "available", "paused", "offline"];

function agentsTable() {
  if (!agents.size) return nothing;
  const rows = [...agents.values()].sort((a, b) =>
    AGENT_ORDER.indexOf(a.state) - AGENT_ORDER.indexOf(b.state) || a.since - b.since);
  return html`<section class="box"><h2 class="box-title">${t("Agents")}</h2><table class="stacks"><thead><tr>
      <th scope="col">${t("Agent")}</th><th scope="col">${t("State")}</th><th scope="col" class="e">${t("Since")}</th></tr></thead>
    <tbody>${repeat(rows, (agent) => agent.id, (agent) => html`<tr data-agent=${agent.username}><td class="first">${userText(agent.name)}</td>
      <td>${statePill(agent)} ${agent.paused_in.length ? html`<span class="soft">${parts("availability.paused_in", { queues: userText(agent.paused_in.join(", ")) })}</span>` : nothing}</td>
      <td class="e">${clock(agent.since)}</td></tr>`)}</tbody></table></section>`;
}

function endedList({ ended }) {
  if (!ended.length) return nothing;
  return html`<section class="box"><h2 class="box-title">${t("Recently ended")}</h2><table class="stacks"><thead><tr>
      <th scope="col">${t("Time")}</th><th scope="col">${t("Caller")}</th><th scope="col">${t("Line, queue")}</th><th scope="col">${t("Agent")}</th><th scope="col">${t("Outcome")}</th></tr></thead>
    <tbody>${repeat(ended, (call) => call.id, (call) => html`<tr>
      <td class="tight">${icon(call.direction, "turns")} ${figure(time(call.arrived_at))}</td><td class="first">${callerCell(call)}</td><td>${where(call)}</td>
      <td>${call.answered_by.length ? listed(call.answered_by) : ""}</td>
      <td><span class="pill ${call.disposition === "answered" ? "good" : "warn"}">${coded("disposition", call.disposition ?? "failed")}</span></td></tr>`)}</tbody></table></section>`;
}

const BLIND_SHOWN_S = 8 * 3600;

// What the PBX did while its line was down is not known: the board shows it.
function blindSpells() {
  const spells = [...status.pbx.values()].filter((one) => one.blind && one.state === "live" && now() - one.blind.ended_at < BLIND_SHOWN_S);
  return spells.length ? html`<p class="calm blind" role="note">${spells.map((one) => html`${parts(status.pbx.size > 1 ? "board.blind_of" : "board.blind", {
    name: userText(one.id), begun: figure(time(one.blind.begun_at)), ended: figure(time(one.blind.ended_at)),
  })} `)}</p>` : nothing;
}

function show() {
  const groups = calls.groups();
  const shown = { line: status.line, pbx: [...status.pbx.values()] };
  const live = isLive(shown);
  document.body.dataset.live = live || shown.line.starting ? "yes" : "no";
  showBanner(document.getElementById("band"), shown);
  showStatus(document.getElementById("status"), shown);
  render(html`<div class="board">${figures()}${blindSpells()}
    <div class="pair">${waitingTable(groups)}${talkingTable(groups)}</div>
    ${agentsTable()}
    ${endedList(groups)}</div>`, place);
}

// Many calls in one frame are one picture.
let wanted = false;
function soon() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => { wanted = false; show(); });
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
  call: (call) => {
    calls.apply(call);
    if (call.state === "ended") today.soon();
    soon();
  },
  pbx: (message) => { status.pbx.set(message.id, message); soon(); },
  agent: (agent, gone) => {
    if (gone) agents.delete(agent.id);
    else agents.set(agent.id, agent);
    soon();
  },
  state: (state) => {
    status.line = state;
    rings?.state(state.live);
    tabs.present();
    if (state.live) runClock();
    else stopClock();
    soon();
  },
  build: () => location.reload(),
});
document.addEventListener("click", (event) => event.target.closest("[data-act=reload]") && location.reload());
eachSecond(() => { today.tick(); show(); });
show();
line.start();
