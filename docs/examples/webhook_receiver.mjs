// Receives webhooks and checks their signatures: node webhook_receiver.mjs 9000
// The target's secret (whsec_...) is read from WEBHOOK_SECRET. Put a proxy with TLS before it.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const OLDEST_S = 300;
const LARGEST = 1_000_000;
const received = new Set(); // in a real program: in the database, with what the event changes

// Whether the body comes from Screenpop and is not an old one sent again.
function isSigned(headers, body) {
  const { "webhook-id": id = "", "webhook-timestamp": stamp = "", "webhook-signature": given = "" } = headers;
  if (!/^\d+$/.test(stamp) || Math.abs(Date.now() / 1000 - Number(stamp)) > OLDEST_S) return false;
  const hmac = createHmac("sha256", key).update(`${id}.${stamp}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  return given.split(" ").some((one) => {
    const signature = Buffer.from(one);
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  });
}

createServer((request, response) => {
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size > LARGEST) request.destroy();
    else parts.push(part);
  });
  request.on("end", () => {
    const body = Buffer.concat(parts);
    if (!isSigned(request.headers, body)) {
      response.writeHead(401).end();
      return;
    }
    const id = request.headers["webhook-id"];
    if (!received.has(id)) { // an event can arrive twice
      received.add(id);
      const event = JSON.parse(body);
      console.log(event.type, JSON.stringify(event.data));
    }
    response.writeHead(204).end(); // answer soon: longer work belongs into a queue
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
