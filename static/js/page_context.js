// What the server declares about this page: attributes of <html> and <body>, so that the page has no inline script.
const { dataset } = document.body;

export const page = {
  lang: document.documentElement.lang || "en",
  name: dataset.page ?? "",
  build: dataset.build ?? "-",
  words: dataset.words ?? "",
  csrf: dataset.csrf ?? "",
  user: dataset.user ?? "",
  demo: dataset.demo === "yes",
};

export const isVisible = () => document.visibilityState === "visible";
export const isFocused = () => isVisible() && document.hasFocus();
