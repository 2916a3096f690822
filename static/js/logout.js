// Before a log-out: text that is not saved is deleted by it, so that is asked first.
import { isUnsaved, leavePage, loadDrafts } from "./drafts.js";
import "./forget_drafts.js";

const ANSWERS_WITHIN_MS = 2_000; // a slow server must not keep the user logged in
const form = document.querySelector("form[data-unsaved]");

const soon = (drafts) => Promise.race([drafts, new Promise((resolve) => { setTimeout(resolve, ANSWERS_WITHIN_MS, []); })]);

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const isTextLost = isUnsaved() || (await soon(loadDrafts())).some((draft) => draft.form !== "answers");
  if (isTextLost && !window.confirm(form.dataset.unsaved)) return;
  leavePage();
  form.submit();
});
