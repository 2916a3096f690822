// Forms of a page: sent once, however often the button is pressed; a refused one begins at its first marked field.
const DOWNLOAD = /\/export$/; // the page stays, so that the form is needed again
const AGAIN_MS = 15_000; // the request may have been stopped
const sent = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const [method, target, action] = ["method", "target", "action"].map((name) => form.getAttribute(name) ?? "");
  if (event.defaultPrevented || method !== "post" || target || DOWNLOAD.test(action)) return;
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
  setTimeout(() => sent.delete(form), AGAIN_MS);
});

// The back button may display the page as it was left.
addEventListener("pageshow", () => sent.clear());

const marked = document.querySelector("main [aria-invalid=true]");
const focused = document.activeElement;
if (marked && (focused === document.body || focused?.autofocus)) marked.focus();
