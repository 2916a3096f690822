// A file that is too large is refused before it is sent; the form is sent once.
const form = document.querySelector("form.attachment-form");
const input = form.querySelector("input[type=file]");
const problem = form.querySelector("[data-too-large]");
const sending = form.querySelector("[data-sending]");
const isTooLarge = () => (input.files[0]?.size ?? 0) > Number(form.dataset.largest);

input.addEventListener("change", () => {
  problem.hidden = !isTooLarge();
});
form.addEventListener("submit", (event) => {
  if (isTooLarge() || !sending.hidden) {
    event.preventDefault();
    return;
  }
  sending.hidden = false;
});
// Back from the next page: the form may be sent again.
addEventListener("pageshow", () => {
  sending.hidden = true;
});
