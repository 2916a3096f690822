// The server's clock as well as we know it, and one tick a second while the page is visible.
import { isVisible } from "./page_context.js";

let ahead = 0; // seconds the server's clock is ahead of ours
let stoppedAt = null; // while the page is not live no clock on it may run on
const listeners = new Set();

const ours = () => Date.now() / 1000;

export const now = () => stoppedAt ?? ours() + ahead;

export function setServerTime(at) {
  if (typeof at === "number" && Number.isFinite(at)) ahead = at - ours();
}

export function stopClock() {
  stoppedAt ??= now();
}

export function runClock() {
  stoppedAt = null;
}

export function eachSecond(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tick = () => listeners.forEach((listener) => listener());
setInterval(() => isVisible() && tick(), 1000);
document.addEventListener("visibilitychange", () => isVisible() && tick());
