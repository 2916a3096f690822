// What the server declares about this page: attributes of <html> and <body>, so that the page has no inline script.
const { dataset } = document.body;

export const page = {
  lang: document.documentElement.lang || "en",
  name: dataset.page ?? "",
  build: dataset.build ?? "-",
  words: dataset.words ?? "",
  csrf: dataset.csrf ?? "",
  user: dataset.user ?? "",
  // The user's card preferences, as accounts/card_preferences.py has them.
  opensOn: { incoming: dataset.incoming ?? "ring", outgoing: dataset.outgoing ?? "ring" },
  sounds: {
    vip: dataset.vipSound ?? "three_notes", known: dataset.knownSound ?? "two_notes", unknown: dataset.unknownSound ?? "one_note",
  },
  canCall: dataset.canCall === "yes",
  demo: dataset.demo === "yes",
};

export const isVisible = () => document.visibilityState === "visible";
export const isFocused = () => isVisible() && document.hasFocus();
