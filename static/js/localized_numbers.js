// Numbers in the reader's own digits.
import { number } from "./date_format.js";

export function writeCounts(root = document) {
  for (const place of root.querySelectorAll("[data-count]")) {
    const text = number(Number(place.dataset.count));
    if (place.textContent !== text) place.textContent = text;
  }
}
