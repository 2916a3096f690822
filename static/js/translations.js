// The words of the page's language: one catalogue, made by the server from its .po files.
// A label is looked up by its English text, a coded thing by "<kind>.<code>"; parameters look like %(name)s.
import { page } from "./page_context.js";

let catalogue = {};
let form = () => 0;

const TRY_AGAIN_MS = 5_000;

// A page without its words still works, in English and codes, until ``later`` can be called.
export async function loadTranslations(later = () => {}) {
  try {
    const answer = await fetch(page.words);
    if (!answer.ok) throw new Error(`words: ${answer.status}`);
    setTranslations(await answer.json(), page.lang);
  } catch {
    setTimeout(() => loadTranslations(later).then(later), TRY_AGAIN_MS);
  }
}

export function setTranslations(words, lang) {
  catalogue = words;
  const rules = new Intl.PluralRules(lang);
  form = (count) => (rules.select(count) === "one" ? 0 : 1);
}

export const has = (msgid) => Object.hasOwn(catalogue, msgid);

const textOf = (msgid) => {
  const found = catalogue[msgid];
  return (Array.isArray(found) ? found[0] : found) || msgid;
};

const PARAMETER = /%\((\w+)\)s/;

// The text in pieces: words, and in place of each parameter its value, which may be a piece of page.
export function parts(msgid, params = {}) {
  return piecesOf(textOf(msgid), params);
}

export function t(msgid, params = {}) {
  return parts(msgid, params).join("");
}

function piecesOf(text, params) {
  return text.split(PARAMETER).map((piece, i) => (i % 2 ? (params[piece] ?? "") : piece));
}

// One thing or several: the count decides which form, and replaces %(num)s in it.
export function tn(one, many, count, params = {}) {
  const found = catalogue[one];
  const forms = Array.isArray(found) ? found : [found || one, catalogue[many] || many];
  const text = forms[Math.min(form(count), forms.length - 1)];
  return piecesOf(text, { num: countText(count), ...params }).join("");
}

const countText = (count) => new Intl.NumberFormat(page.lang).format(count);

// A code without words is still shown, as it is, rather than left out.
export const coded = (kind, code, params) =>
  has(`${kind}.${code}`) ? t(`${kind}.${code}`, params) : code.replaceAll("_", " ");
