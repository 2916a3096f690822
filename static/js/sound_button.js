// The sound's state as a button: on, muted, or waiting for the browser's first click.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { icon } from "./view_helpers.js";
import { t } from "./translations.js";

const LOOKS = {
  on: { icon: "bell", label: "Sound on" },
  muted: { icon: "bell_off", label: "Muted" },
  asleep: { icon: "bell_off", label: "Enable sound" },
};

export function showSoundButton(place, state) {
  const look = LOOKS[state];
  render(html`<button type="button" class="bare sound" data-act="sound" data-state=${state} aria-pressed=${state === "on"}>
    ${icon(look.icon)}<span class="wide-only">${t(look.label)}</span></button>`, place);
}
