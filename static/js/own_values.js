// The office's own fields that it has put on the card, under what else is known of the customer;
// those of the next trip with its destination.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { userText } from "./view_helpers.js";

export const ownValuesView = (own) => (own?.length
  ? html`<dl class="own-values">${own.map((one) => html`<div><dt>${userText(one.name)}${one.trip ? html` <span class="soft">${userText(one.trip)}</span>` : nothing}</dt><dd>${userText(one.text)}</dd></div>`)}</dl>`
  : nothing);
