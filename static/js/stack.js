// The cards on the page, one element each. Typing in a card must not be disturbed by what happens beside it:
// an element with the focus is never moved or taken out, its siblings are moved around it, and a card that
// folds keeps its fields.
import { render } from "../vendor/lit-html/lit-html.js";
import { cardView, domId } from "./card.js";

const FIELDS = "input, textarea, select";

export class Stack {
  #place;
  #elements = new Map(); // card id -> its article
  #idle = document.createElement("div");

  constructor(place) {
    this.#place = place;
    this.#idle.className = "idle-place";
  }

  // A field of the card has the focus (or another control, by the keyboard), or a form is half filled.
  isUsed(id) {
    const element = this.#elements.get(id);
    const focused = element?.contains(document.activeElement) ? document.activeElement : null;
    return Boolean(focused?.matches(`${FIELDS}, :focus-visible`)) || this.hasForm(id);
  }

  hasForm(id, kinds = "identify-caller, call-work") {
    const forms = [...(this.#elements.get(id)?.querySelectorAll(kinds) ?? [])];
    return forms.some((form) => form.isFilled || form.contains(document.activeElement));
  }

  // cards: in the order wanted; viewOf(card): how to show it; idle: what to show where no card is whole.
  show(cards, viewOf, idle) {
    const focused = document.activeElement;
    const elements = cards.map((card) => this.#cardElement(card, viewOf(card)));
    render(idle, this.#idle);
    this.#arrange([...elements, this.#idle]);
    const ids = new Set(cards.map((card) => card.id));
    for (const id of this.#elements.keys()) if (!ids.has(id)) this.#elements.delete(id);
    this.#holdKeyboard(focused, elements);
  }

  #cardElement(card, view) {
    let element = this.#elements.get(card.id);
    if (!element) {
      element = document.createElement("article");
      element.id = domId(card);
      element.setAttribute("aria-labelledby", `${element.id}-name`);
      this.#elements.set(card.id, element);
    }
    const folded = view.shape !== "whole";
    if (element.contains(document.activeElement) && folded !== element.classList.contains("brief")) element.dataset.turned = "yes";
    element.className = folded ? "card brief" : "card";
    Object.assign(element.dataset, { card: card.id, state: card.state, match: card.match, kept: view.kept ? "yes" : "no" });
    render(cardView(card, view), element);
    return element;
  }

  #arrange(wanted) {
    const place = this.#place;
    for (const child of [...place.children]) if (!wanted.includes(child)) child.remove();
    const fixed = Math.max(0, wanted.findIndex((element) => element.contains(document.activeElement)));
    if (wanted[fixed].parentElement !== place) place.prepend(wanted[fixed]);
    for (let i = fixed - 1; i >= 0; i--) {
      if (wanted[i].nextElementSibling !== wanted[i + 1]) wanted[i + 1].before(wanted[i]);
    }
    for (let i = fixed + 1; i < wanted.length; i++) {
      if (wanted[i].previousElementSibling !== wanted[i - 1]) wanted[i - 1].after(wanted[i]);
    }
  }

  // A button that a fold took away hands the keyboard to its card; a field that moved stays in sight.
  #holdKeyboard(focused, elements) {
    for (const element of elements.filter((one) => one.dataset.turned)) {
      delete element.dataset.turned;
      if (!focused.isConnected) element.querySelector("[data-act=show]")?.focus({ preventScroll: true });
      else if (element.contains(focused)) focused.scrollIntoView({ block: "nearest" });
    }
  }
}
