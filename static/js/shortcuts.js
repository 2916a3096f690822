// Keys for everything, listed on "?". Single keys can be switched off (WCAG 2.1.4).
export const SINGLE_KEYS_OFF = "screenpop.keys-off";
export const TYPING = "input, textarea, select, [contenteditable]";
const QUIET_MS = 1_000; // after a field lost the focus otherwise than by Escape or Tab

// The key's place, so that "n" and "1" are the same keys on a Persian or Greek keyboard.
function keyOf({ code, key, shiftKey }) {
  if (code.startsWith("Key")) return code.slice(3).toLowerCase();
  if (!/^(?:Digit|Numpad)\d$/.test(code)) return key;
  const digit = code.slice(-1);
  if (!shiftKey) return digit;
  return code.startsWith("Digit") && key !== digit ? `shift+${digit}` : key; // some keyboards have digits with Shift only
}

export class Shortcuts {
  #acts;
  #help;
  #quietUntil = 0;
  #leaves = false; // the key just pressed leaves a field on purpose

  // acts: {key: function}. "Escape" always works; the others only outside of fields.
  constructor(acts, help = document.getElementById("keys")) {
    this.#acts = acts;
    this.#help = help;
    document.addEventListener("keydown", (event) => { this.#leaves = ["Escape", "Tab"].includes(event.key); }, { capture: true });
    document.addEventListener("focusout", (event) => this.#left(event.target));
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.querySelectorAll("[data-opens=keys]").forEach((button) =>
      button.addEventListener("click", () => this.#help?.showModal()));
    const box = help?.querySelector("[data-keys-on]");
    if (!box) return;
    box.checked = !localStorage.getItem(SINGLE_KEYS_OFF);
    box.addEventListener("change", () =>
      box.checked ? localStorage.removeItem(SINGLE_KEYS_OFF) : localStorage.setItem(SINGLE_KEYS_OFF, "yes"));
  }

  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") return void this.#escape(event);
    if (localStorage.getItem(SINGLE_KEYS_OFF) || event.target.closest?.(TYPING) || this.#help?.open) return;
    if (performance.now() < this.#quietUntil) return void this.#stayQuiet();
    if (event.key === "?" || event.key === "؟") return void this.#open(event);
    const key = keyOf(event);
    const act = this.#acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // Keys typed on after a field has gone are meant for the field, not as shortcuts, while the typing lasts.
  #left(field) {
    if (!field.matches?.(TYPING) || !["text", "search", "textarea", "tel", "email"].includes(field.type ?? "text")) return;
    this.#quietUntil = this.#leaves ? 0 : performance.now() + QUIET_MS;
  }

  #stayQuiet() {
    this.#quietUntil = performance.now() + QUIET_MS;
  }

  #open(event) {
    event.preventDefault();
    this.#help?.showModal();
  }

  #escape(event) {
    if (event.target.matches?.(TYPING)) event.target.blur();
    this.#acts.Escape?.();
  }
}
