// Prints the cards of one user: node socket_client.mjs http://127.0.0.1:8080 maryam
// The password is read from SCREENPOP_PASSWORD. Needs Node 22 or newer.
// Protocol: docs/websocket-protocol.md.

const [server, username] = process.argv.slice(2);
const revisions = new Map();
let last = null;

async function logIn() {
  const cookies = (answer) => answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  const page = await fetch(`${server}/login`);
  const [, csrf] = /data-csrf="([^"]*)"/.exec(await page.text());
  const form = new URLSearchParams({ username, password: process.env.SCREENPOP_PASSWORD, csrf });
  const headers = { Origin: server, Cookie: cookies(page) };
  return cookies(await fetch(`${server}/login`, { method: "POST", body: form, headers, redirect: "manual" }));
}

function show(card) {
  if (card.rev <= (revisions.get(card.id) ?? 0)) return;
  revisions.set(card.id, card.rev);
  console.log(card.state, card.caller.display);
}

function listen(cookie) {
  const socket = new WebSocket(`${server.replace("http", "ws")}/ws/v1`, { headers: { Cookie: cookie } });
  socket.onopen = () => socket.send(JSON.stringify({ type: "hello", last }));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    // Everything up to here is applied.
    if ("seq" in message) last = { epoch: message.epoch, seq: message.seq };
    switch (message.type) {
      case "snapshot":
        revisions.clear();
        message.cards.forEach(show);
        break;
      case "card":
        show(message.card);
        break;
      case "hb":
        socket.send(JSON.stringify({ type: "hb", seq: message.seq }));
        break;
      case "bye":
        if (message.retry_ms === null) {
          console.error(`The server ends the session: ${message.reason}`);
          process.exit(1);
        }
    }
  };
  // After an error comes a close.
  socket.onclose = () => setTimeout(() => listen(cookie), Math.random() * 2000);
}

listen(await logIn());
