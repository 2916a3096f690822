// The agent's own availability in the head of the page: the state with its time, a menu of pauses, the wrap-up.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import "./elapsed_time.js";
import { now } from "./clock.js";
import { length, number } from "./date_format.js";
import { page } from "./page_context.js";
import { coded, parts, t } from "./translations.js";
import { figure, icon, userText } from "./view_helpers.js";

export const REASONS = ["break", "lunch", "training", "meeting", "back_office", "other"];
const LOOKS = { available: "good", paused: "warn", on_call: "ringing", wrap_up: "gold", offline: "" };

export const stateWords = (agent) =>
  (agent.state !== "paused" ? coded("agent_state", agent.state)
    : agent.reason_text ? userText(agent.reason_text) : coded("pause", agent.reason));

export const statePill = (agent) => html`<span class="pill ${LOOKS[agent.state] ?? ""}">${stateWords(agent)}</span>`;

export class Availability {
  #agent = null;
  #problem = "";
  #line;
  #place;

  constructor(line, place) {
    this.#line = line;
    this.#place = place;
    place.addEventListener("click", (event) => this.#clicked(event));
    place.addEventListener("keydown", (event) => event.key === "Escape" && this.#close(event));
    document.addEventListener("click", (event) => place.contains(event.target) || this.#menu?.removeAttribute("open"));
  }

  snapshot(agents) {
    this.#agent = agents.find((one) => one.username === page.user) ?? null;
  }

  changed(agent, gone) {
    if (agent.username === page.user) this.#agent = gone ? null : agent;
  }

  show() {
    render(this.#agent ? this.#view(this.#agent) : nothing, this.#place);
  }

  get #menu() {
    return this.#place.querySelector("details");
  }

  #view(agent) {
    const left = agent.until ? Math.max(0, agent.until - now()) : 0;
    return html`<details class="availability" data-state=${agent.state}>
        <summary title=${t("Your availability")}>${statePill(agent)}
          <bdi class="p">${agent.state === "wrap_up" ? length(left) : html`<elapsed-time since=${agent.since}></elapsed-time>`}</bdi>${icon("down")}</summary>
        <div class="menu">
          ${agent.state === "paused" || agent.paused_next ? html`<button type="button" class="main" data-availability="available">${t("Available again")}</button>` : nothing}
          <p class="calm">${agent.state === "on_call" ? t("Pause after this call") : t("Pause")}</p>
          <div class="reasons">${REASONS.map((reason) => html`<button type="button" data-availability="pause" data-reason=${reason}
            aria-pressed=${agent.reason === reason && agent.state === "paused" ? "true" : "false"}>${coded("pause", reason)}</button>`)}</div>
          ${agent.paused_next ? html`<p>${t("The pause begins after the call.")}</p>` : nothing}
          ${agent.paused_in.length ? html`<p>${parts("availability.paused_in", { queues: userText(agent.paused_in.join(", ")) })}</p>` : nothing}
          ${agent.queues === "own" ? html`<p class="calm">${t("The phone system does not know your pauses and may still send you queue calls. An administrator can change this: see Queues and pauses in the installation guide.")}</p>` : nothing}
        </div></details>
      ${agent.state === "wrap_up" ? html`<span class="wrap-up"><button type="button" data-availability="end_wrap_up">${t("Done")}</button>
        <button type="button" data-availability="extend_wrap_up"><span>${parts("availability.extend", { minutes: figure(`+${number(1)}`) })}</span></button></span>` : nothing}
      ${this.#problem ? html`<p class="problem" role="alert">${icon("alert")}<span>${this.#problem}</span></p>` : nothing}`;
  }

  async #clicked(event) {
    const button = event.target.closest("[data-availability]");
    if (!button) return;
    const { availability: op, reason } = button.dataset;
    this.#menu?.removeAttribute("open");
    this.#menu?.querySelector("summary").focus();
    const result = await this.#line.command(op, reason ? { reason } : {});
    this.#problem = result.ok ? "" : coded("error", result.error);
    this.show();
  }

  #close(event) {
    if (!this.#menu?.open) return;
    event.stopPropagation();
    this.#menu.removeAttribute("open");
    this.#menu.querySelector("summary").focus();
  }
}
