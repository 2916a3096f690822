// The office's own fields that it has put on the card, under what else is known of the customer.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { userText } from "./view_helpers.js";

export const ownValuesView = (own) => (own?.length
  ? html`<dl class="own-values">${own.map((one) => html`<div><dt>${userText(one.name)}</dt><dd>${userText(one.text)}</dd></div>`)}</dl>`
  : nothing);
