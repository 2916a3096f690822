// Watches a desk as a person would: each card and the red band, with the moment it was painted.
(() => {
  const seen = [];
  const now = new Map();
  window.screenpopSeen = seen;

  const text = (card, selector) => card.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";

  function read() {
    const found = new Map();
    for (const card of document.querySelectorAll("#stack article.card")) {
      found.set(card.dataset.card, {
        what: "card",
        card: card.dataset.card,
        state: card.dataset.state,
        match: card.dataset.match,
        name: text(card, "h2"),
        sure: text(card, ".sure"),
        reason: text(card, ".why-state"),
        transfer: text(card, ".transfer"),
        network: text(card, ".network"),
        whole: !card.classList.contains("brief"),
        all: card.textContent.replace(/\s+/g, " ").trim(),
      });
    }
    const band = document.querySelector("#band .band");
    if (band) found.set("band", { what: "band", all: band.textContent.replace(/\s+/g, " ").trim() });
    return found;
  }

  // What differs from second to second is no news.
  const key = (one) => JSON.stringify({ ...one, all: one.what === "band" ? one.all : "" });

  // The next millisecond: the page's clock is cut off, and a card must not look early.
  const moment = () => (Date.now() + 1) / 1000;

  function note(found, changed) {
    const at = moment();
    for (const [id, one] of found) {
      if (now.get(id) === key(one)) continue;
      now.set(id, key(one));
      seen.push({ at, changed, ...one });
    }
    for (const id of now.keys()) {
      if (found.has(id)) continue;
      now.delete(id);
      seen.push({ at, changed, what: id === "band" ? "no band" : "left", card: id });
    }
  }

  // A task queued in a frame runs after that frame was drawn.
  function afterPaint(act) {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = act;
      channel.port2.postMessage(null);
    });
  }

  new MutationObserver(() => {
    const found = read();
    const changed = moment();
    afterPaint(() => note(found, changed));
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})();
