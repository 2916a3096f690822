// A number that is called by hand: the card then shows the customer of this row, also where the number is of several;
// a callback is taken.
import { page } from "./page_context.js";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-dialled-path]");
  if (!link) return;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": page.csrf };
  fetch(link.dataset.dialledPath, { method: "POST", headers, body: "{}", keepalive: true }).catch(() => null); // the call goes on without it
});
