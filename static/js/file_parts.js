// The parts of a customer's file: one is shown at a time, on each file the one that was chosen last.
// Without this script all parts are below one another, and the links lead to them.
const KEY = "screenpop.file-part";
const parts = [...document.querySelectorAll(".file-part")];
const links = [...document.querySelectorAll(".file-nav a")];

const withId = (id) => (id ? document.getElementById(id) : null);
const partAt = (hash) => withId(hash.slice(1))?.closest(".file-part") ?? null;

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(id) {
  try {
    localStorage.setItem(KEY, id);
  } catch { /* no storage: the next file begins with its first part */ }
}

function open(part) {
  for (const one of parts) one.toggleAttribute("data-open", one === part);
  for (const link of links) {
    if (link.hash === `#${part.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  document.querySelector(".file-main").dataset.ready = "yes";
}

function openAt(hash) {
  const part = partAt(hash);
  if (!part) return false;
  open(part);
  withId(hash.slice(1)).scrollIntoView({ block: "nearest" });
  return true;
}

document.querySelector(".file-nav").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const part = link && partAt(link.hash);
  if (!part || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault(); // the page does not move
  history.replaceState(null, "", link.hash);
  keep(part.id);
  open(part);
});
addEventListener("hashchange", () => openAt(location.hash));
if (!openAt(location.hash)) open(parts.find((one) => one.id === kept()) ?? parts[0]);
