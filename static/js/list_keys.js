// Keys of a list of rows: j and k go from row to row, t takes and d closes the row that has the keyboard; "?" lists them.
import { Shortcuts } from "./shortcuts.js";

export function listenForListKeys(place) {
  const rows = () => [...place.querySelectorAll("[data-row]")];
  const current = () => document.activeElement?.closest?.("[data-row]");

  function step(by) {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    const acts = next?.querySelector(".work-acts");
    (acts?.querySelector(".main") ?? acts?.querySelector("a, button") ?? next?.querySelector("a, button"))?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  const press = (act) => current()?.querySelector(`[data-act=${act}]`)?.click();
  return new Shortcuts({ j: () => step(1), k: () => step(-1), t: () => press("take"), d: () => press("done") });
}
