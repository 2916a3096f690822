// Whether the card of a call opens by itself now, by the user's preferences; until then it is folded and silent.
import { page } from "./page_context.js";

export function opensByItself(card) {
  if (card.state === "listening") return true;
  const when = page.opensOn[card.direction === "outbound" ? "outgoing" : "incoming"];
  return when === "ring" || (when === "answer" && card.answered_at != null);
}
