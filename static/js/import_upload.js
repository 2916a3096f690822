// A sheet is dropped, or chosen: it goes out at once, and one sees how far it is.
import { writeCounts } from "./localized_numbers.js";

const form = document.querySelector("form.drop");
const input = form.querySelector("input[type=file]");
const here = form.querySelector(".drop-zone");
const sending = form.querySelector(".sending");
const bar = form.querySelector("progress");
const status = form.querySelector("[data-status]");
const problem = form.querySelector("[data-problem]");
const sentence = problem.querySelector("span");

writeCounts();

function showSending(name) {
  problem.hidden = true;
  here.hidden = true;
  sending.hidden = false;
  sending.querySelector("[data-name]").textContent = name;
  status.textContent = status.dataset.sending;
  bar.value = 0;
}

function refuse(words) {
  sentence.textContent = words;
  problem.hidden = false;
  here.hidden = false;
  sending.hidden = true;
  input.value = "";
}

// The server's own sentence, from the page that it answered with.
const sentenceOf = (html) =>
  new DOMParser().parseFromString(html, "text/html").querySelector(".problem:not([hidden]) span, .error-page p")?.textContent;

function answered(request) {
  const went = new URL(request.responseURL || location.href).pathname;
  if (request.status === 200 && went !== location.pathname) location.assign(went);
  else refuse(sentenceOf(request.responseText) ?? sentence.dataset.broken);
}

function send(file) {
  if (file.size > Number(form.dataset.largest)) return refuse(sentence.dataset.tooBig);
  const body = new FormData();
  body.append("csrf", form.elements.csrf.value);
  body.append("file", file);
  showSending(file.name);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = event.loaded / event.total;
    if (event.loaded === event.total) {
      status.textContent = status.dataset.looking;
      bar.removeAttribute("value");
    }
  });
  request.addEventListener("load", () => answered(request));
  for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => refuse(sentence.dataset.broken));
  request.open("POST", form.action);
  request.send(body);
  return undefined;
}

input.addEventListener("change", () => input.files[0] && send(input.files[0]));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files[0]) send(input.files[0]);
});
// Wherever on the page it falls: a browser would open the file instead.
const hasFile = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  form.dataset.over = "yes";
});
document.addEventListener("dragleave", (event) => event.relatedTarget ?? delete form.dataset.over);
document.addEventListener("drop", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  delete form.dataset.over;
  if (event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
});
form.dataset.ready = "yes";
