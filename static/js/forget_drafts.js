// After a log-out nothing about customers stays in this browser: half-filled forms, notes, answers.
// Choices of the browser itself (sound, single keys) stay.
const PERSONAL = /^screenpop\.(form\.|note\.|answers$|closed$|sent$|opened$)/;

for (const store of [localStorage, sessionStorage]) {
  for (const key of Object.keys(store).filter((name) => PERSONAL.test(name))) store.removeItem(key);
}
