// Before a log-out: text that only this browser has is deleted by it, so that is asked first.
import { page } from "./page_context.js";

const UNDER_WAY_MS = 2_000; // a note that was typed just now is on its way to the server
const PREFIXES = [`screenpop.form.${page.user}.`, `screenpop.note.${page.user}.`];
const form = document.querySelector("form[data-unsaved]");

const isUnsaved = (key) => PREFIXES.some((prefix) => key.startsWith(prefix))
  && (JSON.parse(localStorage.getItem(key))?.at ?? 0) < Date.now() - UNDER_WAY_MS;

form?.addEventListener("submit", (event) => {
  if (Object.keys(localStorage).some(isUnsaved) && !window.confirm(form.dataset.unsaved)) event.preventDefault();
});
