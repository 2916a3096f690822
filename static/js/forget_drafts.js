// Nothing about customers is stored in this browser. Earlier versions stored half-filled forms, notes and answers:
// what they left is deleted. At the login the ids of cards go too; choices of the browser itself stay.
import { page } from "./page_context.js";

const LEFT = /^screenpop\.(form\.|note\.|answers$|sent$)/;
const CARDS = /^screenpop\.(closed|opened)$/;

for (const store of [localStorage, sessionStorage]) {
  for (const key of Object.keys(store)) {
    if (LEFT.test(key) || (!page.user && CARDS.test(key))) store.removeItem(key);
  }
}
