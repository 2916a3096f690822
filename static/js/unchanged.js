// A row that is drawn again only if what it is made of has changed: a board has hundreds of rows.
import { noChange } from "../vendor/lit-html/lit-html.js";
import { Directive, directive } from "../vendor/lit-html/directive.js";

class Unchanged extends Directive {
  #parts = null;

  // parts: compared one by one, by identity; view(): the row.
  render(parts, view) {
    const before = this.#parts;
    if (before && parts.length === before.length && parts.every((one, i) => one === before[i])) return noChange;
    this.#parts = parts;
    return view();
  }
}

export const unchanged = directive(Unchanged);
