// The calls of the board: waiting and ringing, the longest wait first; in progress; just ended.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { agentName } from "./board_agents.js";
import { smallSign } from "./board_limits.js";
import { lineName } from "./caller_identity.js";
import { listed } from "./card_status_line.js";
import { number, time } from "./date_format.js";
import { coded, has, parts, t } from "./translations.js";
import { unchanged } from "./unchanged.js";
import { between, figure, icon, phone, userText, withLangAttribute } from "./view_helpers.js";

const UNNAMED = { shared: "several people", maybe: "perhaps on file" }; // by match; else "unknown"

export function callerCell({ caller, match, person, estimated }, isStale = false) {
  return html`<span class="caller">${callerName(caller, person)}
    ${person?.vip ? html`<span class="pill vip">${icon("crown")}${t("VIP")}</span>` : nothing}
    ${person && person.tier !== "none" ? html`<span class="pill ${person.tier}">${coded("tier", person.tier)}</span>` : nothing}
    ${estimated ? html`<span class="pill">${t("detected late")}</span>` : nothing}
    ${isStale ? html`<span class="pill warn">${icon("offline")}${t("not live")}</span>` : nothing}
    ${person || caller.kind === "withheld" ? nothing : html`<span class="pill">${t(UNNAMED[match] ?? "unknown")}</span>`}</span>`;
}

// A wall screen may get no names: then only the kind of caller is written.
function callerName(caller, person) {
  if (person) return Object.keys(person.address).length ? withLangAttribute(person.address) : t("Customer");
  if (caller.kind === "withheld") return t("Number withheld");
  if (caller.display) return phone(caller.display);
  return caller.kind === "number" ? t("Caller") : t("No number");
}

const where = (call) => between([lineName(call.line), call.queue ? userText(call.queue) : ""]);

export class BoardCalls {
  #agents;
  #clock;
  #look;
  #isStale;

  // clock(since, call), look(call): of its wait, isStale(call): its PBX is not connected.
  constructor(agents, { clock, look, isStale }) {
    this.#agents = agents;
    this.#clock = clock;
    this.#look = look;
    this.#isStale = isStale;
  }

  waiting({ waiting, ringing }) {
    const rows = [...waiting, ...ringing].sort((a, b) => a.arrived_at - b.arrived_at);
    return html`<section class="box waiting"><h2 class="box-title">${t("Waiting and ringing")}</h2>
      ${rows.length ? html`<table class="stacks"><thead><tr>
        <th scope="col">${t("Caller")}</th><th scope="col">${t("Line, queue")}</th><th scope="col">${t("State")}</th><th scope="col" class="e">${t("Waited")}</th></tr></thead>
        <tbody>${repeat(rows, (call) => call.id, (call) => {
          const [look, isStale] = [this.#look(call), this.#isStale(call)];
          return unchanged([call, look, isStale, has("board.age")], () => html`<tr class="${call.state} ${look} ${isStale ? "stale" : ""}" data-call=${call.id}>
          <td class="first">${callerCell(call, isStale)}</td><td>${where(call)}</td><td>${this.#state(call, look)}</td>
          <td class="e">${smallSign(look)} <bdi class="p">${this.#clock(call.arrived_at, call)}</bdi></td></tr>`);
        })}</tbody></table>`
      : html`<p class="calm">${t("No calls waiting.")}</p>`}</section>`;
  }

  #state(call, look) {
    if (call.state === "ringing") return html`<span class="pill ringing">${icon("ringing")}<span>${listed(this.#names(call, "ringing", call.ringing))}</span></span>`;
    const words = call.position ? t("waiting, place %(place)s", { place: number(call.position) }) : t("waiting");
    return html`<span class="pill ${look}">${words}</span>`;
  }

  talking({ talking, dialling }) {
    const rows = [...talking, ...dialling];
    return html`<section class="box active"><h2 class="box-title">${t("Active calls")}</h2>
      ${rows.length ? html`<table class="stacks"><thead><tr>
        <th scope="col">${t("Agent")}</th><th scope="col">${t("Caller")}</th><th scope="col" class="e">${t("Since")}</th></tr></thead>
        <tbody>${repeat(rows, (call) => call.id, (call) => unchanged([call, this.#isStale(call), has("board.age")], () => html`<tr class="${call.state} ${this.#isStale(call) ? "stale" : ""}" data-call=${call.id}>
          <td class="first">${icon(call.direction, "turns")} ${this.#talker(call)}
            ${call.state === "dialling" ? html`<span class="pill">${icon("dialling")}${coded("state", "dialling")}</span>` : nothing}
            ${call.state === "held" ? html`<span class="pill warn">${icon("held")}${coded("state", "held")}</span>` : nothing}</td>
          <td>${callerCell(call, this.#isStale(call))}</td><td class="e"><bdi class="p">${this.#clock(call.since, call)}</bdi></td></tr>`))}</tbody></table>`
      : html`<p class="calm">${t("No active calls.")}</p>`}</section>`;
  }

  // Which colleague talks: of a call we made, the maker until it is passed on to a colleague.
  #talker({ direction, made_by: maker, answered_by: answered, agents }) {
    const name = direction === "outbound" && maker && answered.length < 2 ? maker : answered.at(-1) || maker;
    if (name) return userText(name);
    const known = agents.map((one) => this.#agents.get(one.id)).find(Boolean);
    return known ? agentName(known) : "";
  }

  ended({ ended }) {
    if (!ended.length) return nothing;
    return html`<section class="box ended"><h2 class="box-title">${t("Recently ended")}</h2><table class="stacks"><thead><tr>
        <th scope="col">${t("Time")}</th><th scope="col">${t("Caller")}</th><th scope="col">${t("Line, queue")}</th><th scope="col">${t("Agent")}</th><th scope="col">${t("Outcome")}</th></tr></thead>
      <tbody>${repeat(ended, (call) => call.id, (call) => html`<tr>
        <td class="tight">${icon(call.direction, "turns")} ${figure(time(call.arrived_at))}</td><td class="first">${callerCell(call)}</td><td>${where(call)}</td>
        <td>${listed(call.answered_by.filter(Boolean))}</td>
        <td><span class="pill ${call.disposition === "answered" ? "good" : "warn"}">${coded("disposition", call.disposition ?? "failed")}</span></td></tr>`)}</tbody></table></section>`;
  }

  // Without names, those of the agents' ids.
  #names(call, state, names) {
    const known = names.filter(Boolean);
    if (known.length) return known;
    return call.agents.filter((one) => one.state === state).map((one) => t("board.agent_number", { number: number(one.id) }));
  }
}
