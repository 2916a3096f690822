// Before a log-out: text that is not saved is deleted by it, so that is asked first.
import { isUnsaved, leavePage, loadDrafts } from "./drafts.js";
import "./forget_drafts.js";

const form = document.querySelector("form[data-unsaved]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const isTextLost = isUnsaved() || (await loadDrafts()).some((draft) => draft.form !== "answers");
  if (isTextLost && !window.confirm(form.dataset.unsaved)) return;
  leavePage();
  form.submit();
});
