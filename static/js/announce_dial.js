// A number of one customer that is called by hand: the card then shows this customer, also where the number is of several.
import { page } from "./page_context.js";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-phone-id]");
  if (!link) return;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": page.csrf };
  const path = `/api/v1/phones/${link.dataset.phoneId}/dialled`;
  fetch(path, { method: "POST", headers, body: "{}", keepalive: true }).catch(() => null); // the call goes on without it
});
