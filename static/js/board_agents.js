// The agents of the board by state, and the queues with the agents who can take their calls.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { stateWords } from "./availability.js";
import { number } from "./date_format.js";
import { icon, piece, userText } from "./view_helpers.js";
import { coded, has, parts, t } from "./translations.js";
import { unchanged } from "./unchanged.js";

const ON_CALL_ORDER = ["talking", "held", "dialling", "ringing"];
const ORDER = ["ringing", "held", "talking", "on_call", "dialling", "wrap_up", "available", "paused", "offline"];
const ICONS = {
  ringing: "ringing", held: "held", talking: "phone", on_call: "phone", dialling: "dialling", wrap_up: "wrap_up",
  available: "check", paused: "clock", offline: "offline",
};
const ABSENT = new Set(["paused", "offline"]);

// Agent id to {state, since, call} of the call that shows most about them.
function callStates(calls) {
  const found = new Map();
  for (const call of calls) {
    for (const one of call.agents) {
      const before = found.get(one.id);
      if (!before || ON_CALL_ORDER.indexOf(one.state) < ON_CALL_ORDER.indexOf(before.state)) {
        found.set(one.id, { state: one.state, since: one.since, call });
      }
    }
  }
  return found;
}

// What an agent does now. Hold is no wrap-up, and a ringing phone comes before the state of the agent.
function presentState(agent, onCall) {
  if (!onCall) return { state: agent.state, since: agent.since, call: null };
  if (agent.state === "on_call" || onCall.state === "ringing") return onCall;
  return { ...onCall, state: agent.state, since: agent.since };
}

export const agentName = (agent) => (agent.name ? userText(agent.name) : parts("board.agent_number", { number: number(agent.id) }));

export class BoardAgents {
  #agents;
  #clock;
  #isStale;

  // clock(since, call): the time since then as a piece of page; isStale(call): its PBX is not connected.
  constructor(agents, { clock, isStale }) {
    this.#agents = agents;
    this.#clock = clock;
    this.#isStale = isStale;
  }

  rows(calls, filter) {
    const states = callStates(calls);
    const own = (agent) => calls.filter((call) => call.agents.some((one) => one.id === agent.id));
    const needsCalls = Boolean(filter.values.queue);
    return [...this.#agents.values()]
      .filter((agent) => filter.showsAgent(agent, needsCalls ? own(agent) : []))
      .map((agent) => ({ agent, ...presentState(agent, states.get(agent.id)) }))
      .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.since - b.since);
  }

  tiles(rows, stale) {
    if (!this.#agents.size) return nothing;
    const free = rows.filter((row) => row.state === "available").length;
    return html`<section class="box agents ${stale ? "stale" : ""}"><h2 class="box-title">${t("Agents")}
        <span class="soft">${parts("board.free", { free: number(free), all: number(rows.length) })}</span></h2>
      ${rows.length ? html`<ul class="tiles">${repeat(rows, ({ agent }) => agent.id, (row) => unchanged(
        [row.agent, row.state, row.since, row.call, this.#isStale(row.call), has("board.age")], () => this.#tile(row)))}</ul>`
        : html`<p class="calm">${t("No agents match the filters.")}</p>`}</section>`;
  }

  #tile({ agent, state, since, call }) {
    const words = agent.state === state ? stateWords(agent) : coded("state", state);
    return html`<li class="tile ${state}" data-agent=${agent.username || agent.id} data-state=${state}>
      <b class="tile-name">${agentName(agent)}</b>
      <span class="tile-time"><bdi class="p">${this.#clock(since, call)}</bdi></span>
      <span class="tile-state">${icon(ICONS[state] ?? "person")}<span>${words}</span></span>
      ${agent.paused_in.length ? html`<span class="tile-more">${parts("availability.paused_in", { queues: userText(agent.paused_in.join(", ")) })}</span>` : nothing}
      ${state === "paused" && agent.reason_text && agent.reason !== "other" ? html`<span class="tile-more">${userText(agent.reason_text)}</span>` : nothing}</li>`;
  }

  // {name, waiting, longest, present, listed} by queue.
  queues(names, calls, others) {
    const all = new Set([...names, ...Object.keys(others), ...[...this.#agents.values()].flatMap((agent) => agent.member_of)]);
    return [...all].sort().map((name) => {
      const waiting = calls.filter((call) => call.queue === name && (call.state === "waiting" || call.state === "ringing"));
      const members = [...this.#agents.values()].filter((agent) => agent.member_of.includes(name));
      const present = members.filter((agent) => !ABSENT.has(agent.state) && !agent.paused_in.includes(name));
      return {
        name,
        waiting: waiting.length,
        longest: waiting.length ? Math.min(...waiting.map((call) => call.arrived_at)) : null,
        present: present.length + (others[name] ?? 0),
        listed: members.length + (others[name] ?? 0),
      };
    });
  }

  queueTable(rows, look, waitClock) {
    if (!rows.length) return nothing;
    return html`<section class="box queues"><h2 class="box-title">${t("Queues")}</h2><table class="stacks"><thead><tr>
        <th scope="col">${t("Queue")}</th><th scope="col">${t("Agents")}</th><th scope="col">${t("Waiting")}</th><th scope="col" class="e">${t("Longest wait")}</th></tr></thead>
      <tbody>${repeat(rows, (row) => row.name, (row) => html`<tr data-queue=${row.name}>
        <td class="first"><b>${userText(row.name)}</b></td>
        <td>${row.present > 1 ? parts("board.present", { present: number(row.present), listed: number(row.listed) })
          : html`<span class="pill ${row.present ? "warn" : "alarm"}">${icon(row.present ? "person" : "alert")}${row.present ? t("Only one agent") : t("No agent")}</span>`}</td>
        <td data-label=${t("Waiting")}>${number(row.waiting)}</td>
        <td class="e ${look(row)}">${row.longest ? piece(waitClock(row)) : ""}</td></tr>`)}</tbody></table></section>`;
  }
}
