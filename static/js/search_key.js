// "/" goes to the search field of a page, unless single keys are switched off or a field is in use.
import { SINGLE_KEYS_OFF, TYPING } from "./shortcuts.js";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (localStorage.getItem(SINGLE_KEYS_OFF) || event.target.closest?.(TYPING)) return;
  const field = document.querySelector("main input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
