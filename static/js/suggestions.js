// What is worth saying, each with its reason, and three quick answers. Or silence, and why.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { reasonSentence } from "./alerts.js";
import { day, money } from "./date_format.js";
import { page } from "./page_context.js";
import { icon, piece, withLangAttribute } from "./view_helpers.js";
import { coded, parts, t } from "./translations.js";

const ANSWERS = [["accepted", "Accepted", "small main"], ["later", "Later", "small"], ["no", "No", "small quiet"]];

export function suggestionsView(card, view) {
  return html`<section>
    <h3>${t("Suggestions")}</h3>
    ${card.silence ? html`<p class="silence">${icon("quiet")}<span>${t("No offers today.")} ${reasonSentence(card.silence)}</span></p>` : nothing}
    ${card.suggestions.map((suggestion) => {
      const given = ["", " why", " problem", " voucher"].map((end) => view.answers?.get(`${card.id} ${suggestion.id}${end}`));
      return offer(card, suggestion, ...given);
    })}
  </section>`;
}

// Why not, in one tap; the offer is then quiet for its time.
const REASONS = ["price", "date", "place", "not_now", "never"];
const whyView = (card, id, why) => (why
  ? html`<span class="soft">${coded("decline_reason", why)}</span>`
  : html`<span class="soft">${t("Why not?")}</span>${REASONS.map((code) => html`<button type="button" class="small"
      data-act="answer" data-card=${card.id} data-offer=${id} data-answer="no" data-why=${code}>${coded("decline_reason", code)}</button>`)}`);

const percent = (chance) => new Intl.NumberFormat(page.lang, { style: "percent" }).format(chance / 100);
// Only where the office knows both.
const worthView = (worth) => (worth
  ? html`<p class="why">${parts("Earns %(amount)s; %(percent)s accept it", { amount: piece(money(worth.margin, worth.currency)), percent: percent(worth.chance) })}</p>` : nothing);

function offer(card, { id, text, reason, worth }, answer, why, problem, voucher) {
  return html`<div class="offer" data-answer=${answer ?? "none"}>
    <p class="offer-text">${withLangAttribute(text)}</p>
    <p class="why">${reasonSentence(reason)}</p>
    ${worthView(worth)}
    <div class="act">
      ${answer
        ? html`<span class="answered">${icon(answer === "accepted" ? "check" : answer === "later" ? "clock" : "close")}${coded("offer_answer", answer)}</span>
          ${answer === "no" ? whyView(card, id, why) : answer === "later" ? html`<span class="soft">${t("Follow-up in a week.")}</span>` : nothing}
          <button type="button" class="small quiet" data-act="unanswer" data-card=${card.id} data-offer=${id}>${t("Change")}</button>`
        : card.state === "listening" ? nothing : ANSWERS.map(([code, label, look]) => html`<button type="button" class=${look}
            data-act="answer" data-card=${card.id} data-offer=${id} data-answer=${code}>${t(label)}</button>`)}
    </div>
    ${answer === "accepted" && voucher ? html`<p class="voucher-given" role="status">${icon("check")}<span>${parts("Voucher %(code)s, valid until %(day)s", { code: html`<a href="/vouchers?code=${voucher.code}"><bdi class="n" dir="ltr">${voucher.code}</bdi></a>`, day: day(voucher.valid_to) })}</span></p>` : nothing}
    ${problem ? html`<p class="work-state" role="alert" data-bad>${coded("work_problem", problem)}</p>` : nothing}
  </div>`;
}

