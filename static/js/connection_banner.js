// The red band: one sentence the moment the page or a PBX is not live, since when, and what to do.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { exactMoment, secondsOf } from "./date_format.js";
import { icon, piece, userText } from "./view_helpers.js";
import { coded, has, parts, t } from "./translations.js";

const moment = (since) => (typeof since === "number" ? since : since ? secondsOf(since) : NaN);

function sentences({ line, pbx }) {
  if (line.stopped) return [html`${coded("line", line.stopped)}`];
  if (line.starting) return [];
  if (!line.live) {
    return [html`${parts("line.silent", { time: piece(exactMoment(line.heardAt)) })}`];
  }
  return pbx.filter(troubled).map((one) => pbxSentence(one, pbx.length > 1));
}

// A link may be live and still lack something: the right to hear events.
const troubled = (one) => one.state !== "live" || Boolean(one.problem);
export const isLive = ({ line, pbx }) => line.live && pbx.every((one) => one.state === "live");

// Before the first word from the server nothing is known to be stale.
export const STARTING = { live: false, starting: true, heardAt: Date.now() / 1000, stopped: null };

function pbxSentence({ id, state, since, problem }, several) {
  const at = moment(since);
  const code = problem?.code ?? problem;
  const what = code && has(`pbx.${code}`) ? t(`pbx.${code}`, problem?.params ?? {}) : coded("pbx_state", state);
  if (state === "live") return html`${several ? html`<b>${userText(id)}:</b> ` : nothing}${what}`;
  const when = { name: userText(id), time: Number.isFinite(at) ? piece(exactMoment(at)) : "–" };
  const head = parts(several ? "Connection to PBX %(name)s lost at %(time)s." : "Connection to the PBX lost at %(time)s.", when);
  return html`<b>${head}</b> ${what}`;
}

// Empty while all is well. The element is in the page from the start, so that its words are heard.
export function showBanner(place, status) {
  const messages = sentences(status);
  render(messages.length ? html`<div class="band">${icon("offline")}<div>${messages.map((one) => html`<p>${one}</p>`)}</div>
    ${status.line.stopped === "login" ? html`<a class="button" href="/login" target="_blank">${t("Log in")}</a>`
      : status.line.stopped ? html`<button type="button" data-act="reload">${t("Reload the page")}</button>` : nothing}</div>` : nothing, place);
}

export function showStatus(place, { line, pbx }) {
  const live = isLive({ line, pbx });
  if (line.starting) return void render(html`<span class="dot"></span>${t("Connecting …")}`, place);
  const words = !line.live ? t("Disconnected") : !live ? t("PBX disconnected") : pbx.length ? t("PBX connected") : t("Connected");
  return void render(html`<span class="dot ${live ? "live" : "alarm"}"></span><span class="phone-hidden">${words}</span>`, place);
}
