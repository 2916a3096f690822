// The filters of the board: kept in the address, and applied to each of its parts.
const FIELDS = ["queue", "line", "team", "tier"];

export class BoardFilter {
  #form;
  #teams;
  #changed;

  constructor(form, teams, changed) {
    this.#form = form;
    this.#teams = teams;
    this.#changed = changed;
    form?.addEventListener("change", () => this.#apply());
    form?.addEventListener("submit", (event) => { event.preventDefault(); this.#apply(); });
    window.addEventListener("popstate", () => this.#read());
  }

  get values() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""]));
  }

  // "" or "?queue=sales&tier=gold": as in the address, without what is not a filter.
  get query() {
    const chosen = Object.entries(this.values).filter(([, value]) => value);
    return chosen.length ? `?${new URLSearchParams(chosen)}` : "";
  }

  get isOn() {
    return this.query !== "";
  }

  // As the server counts: a call of no agent belongs to every team.
  showsCall(call) {
    const { queue, line, team, tier } = this.values;
    return (!queue || call.queue === queue) && (!line || call.line.did === line)
      && (!tier || call.person?.tier === tier)
      && (!team || !call.agents.length || call.agents.some((one) => this.#isIn(one.id, team)));
  }

  // Agents have no line and no tier.
  showsAgent(agent, ownCalls) {
    const { queue, team } = this.values;
    return (!team || this.#isIn(agent.id, team))
      && (!queue || agent.member_of.includes(queue) || ownCalls.some((call) => call.queue === queue));
  }

  showsQueue(name) {
    const { queue } = this.values;
    return !queue || queue === name;
  }

  #isIn(id, team) {
    return (this.#teams[team] ?? []).includes(id);
  }

  #apply() {
    const chosen = [...new FormData(this.#form)].filter(([name, value]) => FIELDS.includes(name) && value);
    const query = chosen.length ? `?${new URLSearchParams(chosen)}` : location.pathname;
    history.pushState(null, "", query);
    this.#changed();
  }

  #read() {
    for (const [name, value] of Object.entries(this.values)) {
      const field = this.#form?.elements.namedItem(name);
      if (field) field.value = value;
    }
    this.#changed();
  }
}
