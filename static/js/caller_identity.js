// The caller, in words: the name to say, how sure we are, and why.
import { between, callButton, dial, withLangAttribute, phone, userText, languageKey } from "./view_helpers.js";
import { country, languageName, month, partOfDay } from "./date_format.js";
import { page } from "./page_context.js";
import { coded, has, parts, t, tn } from "./translations.js";

// What differs by language comes as a mapping; any language is better than no name.
export const inLanguage = (texts) => texts?.[languageKey(texts, page.lang)] ?? "";

const numberOf = (caller) => caller.display || caller.e164 || caller.raw;
const OVER = new Set(["wrap_up", "missed", "elsewhere"]);
const hasNumber = (card) => card.match !== "withheld" && numberOf(card.caller) !== "";

// The largest thing on the card: a name only when it is certain.
export function nameOf(card) {
  if (card.person) return { text: inLanguage(card.person.address), isData: true };
  if (card.match === "colleague") return { text: card.match_reason?.params?.name || numberOf(card.caller), isData: true };
  const group = card.match === "shared" ? card.match_reason?.params?.household : "";
  if (group) return { text: group, isData: true };
  if (card.match === "withheld") return { text: t("Number withheld"), isData: false };
  if (!hasNumber(card)) return { text: t("No number"), isData: false };
  return { text: numberOf(card.caller), number: true };
}

export const plainName = (card) => nameOf(card).text;

export function nameView(card) {
  if (card.person) return withLangAttribute(card.person.address);
  const name = nameOf(card);
  if (name.number) return dial(name.text, card.caller.e164);
  return name.isData ? userText(name.text) : name.text;
}

// Safe by day and by night: without a certain person it greets without a name.
export function greetingOf(card) {
  if (card.match === "colleague") return "";
  const part = partOfDay();
  if (!card.person) return t(`greeting.${part}`);
  return parts(`greeting_to.${part}`, { name: withLangAttribute(card.person.salutation) });
}

const ASK = {
  shared: "Ask who is calling before using a name.",
  maybe: "Ask for the name first.",
  none: "Ask for the name.",
  unreachable: "Ask who is calling.",
  withheld: "Ask who is calling.",
};
export const askPromptOf = (card) => (ASK[card.match] ? t(ASK[card.match]) : "");

export function reasonOf(card) {
  const { match_reason: reason } = card;
  if (!reason) return [coded("sure", card.match)];
  const { label, since, count, stored, name, ...rest } = reason.params;
  const msgid = reason.code === "number_on_file" && !since ? "number_on_file_undated" : reason.code;
  if (!has(`match.${msgid}`)) return [coded("match", msgid)];
  return parts(`match.${msgid}`, {
    ...rest,
    label: label ? labelOf(label) : "",
    since: since ? month(String(since)) : "",
    count: count ?? "",
    people: count === undefined ? "" : tn("%(num)s person", "%(num)s people", Number(count)),
    stored: stored ? phone(stored) : "",
    name: name ? userText(name) : "",
  });
}

// A label of the office's own may be in another script.
const labelOf = (label) => (has(`phone_label.${label}`) ? coded("phone_label", label) : userText(label));

// What the number alone shows, for callers not known by name.
function lineOf({ line_type: type, region }) {
  const kind = type ? coded("line_type", type) : "";
  return between([kind, country(region)], t("list.comma")).join("");
}

export function certaintyOf(card) {
  const { caller, person } = card;
  const known = Boolean(person) || card.match === "colleague";
  const title = nameOf(card);
  return between([
    reasonOf(card),
    hasNumber(card) && !title.number ? dial(numberOf(caller), caller.e164) : "",
    OVER.has(card.state) && hasNumber(card) && caller.e164 ? callButton(`/api/v1/call-back?${new URLSearchParams({ pbx: card.pbx, call: card.call })}`, numberOf(caller)) : "",
    known ? "" : lineOf(caller),
    person?.language && person.language !== page.lang
      ? t("prefers %(language)s", { language: languageName(person.language) }) : "",
    person?.since ? t("customer since %(since)s", { since: month(person.since) }) : "",
  ]);
}

// The caller ID name is untrusted: shown as such, never used as a greeting. Many trunks send the number as the name.
export const networkName = (card) =>
  card.person || card.match === "colleague" || !card.caller.name || repeatsNumber(card.caller) ? "" : card.caller.name;

function repeatsNumber({ name, ...numbers }) {
  if (/\p{L}/u.test(name)) return false;
  const last = (text) => String(text ?? "").replace(/\D/g, "").slice(-9);
  return Boolean(last(name)) && Object.values(numbers).some((number) => last(number) === last(name));
}

export const lineName = (line) =>
  line.label ? userText(line.label) : line.display || line.did ? phone(line.display || line.did) : "";

