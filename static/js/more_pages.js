// Moves the pages that do not fit into the bar under "More". Without this module the list scrolls.
const bar = document.querySelector(".bar");
const pages = bar.querySelector(".pages");
const more = bar.querySelector(".more-pages");
const menu = more.querySelector(".menu");

function fit() {
  pages.append(...menu.children);
  more.hidden = true;
  if (pages.scrollWidth <= pages.clientWidth) return;
  more.hidden = false;
  while (pages.scrollWidth > pages.clientWidth && pages.childElementCount > 1) menu.prepend(pages.lastElementChild);
}

const sizes = new ResizeObserver(() => { if (!more.open) fit(); });
sizes.observe(bar);
sizes.observe(bar.querySelector(".bar-end"));
document.fonts.ready.then(fit);

document.addEventListener("click", (event) => { if (!more.contains(event.target)) more.open = false; });
more.addEventListener("toggle", () => { if (!more.open) fit(); });
more.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !more.open) return;
  more.open = false;
  more.querySelector("summary").focus();
});
