// The story of a call from its trace: which agent got a card, how quickly, and if not, why not. No page in here.
const between = (from, to) => (from === undefined || to === undefined ? undefined : Math.max(0, to - from));

// One finding a phone: {code, endpoint, agent, ...times in seconds}.
export function findings(trace) {
  const dialled = trace.filter((step) => step.step === "dialled" && !step.outside);
  if (!dialled.length) return [{ code: "no_phone", tone: "alarm" }];
  return distinct(dialled, (step) => step.agent || step.endpoint).map((step) => finding(step, trace));
}

function finding({ endpoint, agent, at }, trace) {
  if (!agent) return { code: "nobody_sits", endpoint, tone: "alarm" };
  const first = (step) => trace.find((one) => one.step === step && one.agent === agent)?.at;
  const [sent, received, painted, notified] = ["card", "received", "painted", "notified"].map(first);
  const answered = first("answered");
  const facts = { endpoint, agent, sent_s: between(at, sent), painted_s: between(at, painted), ahead_s: painted !== undefined && answered >= painted ? answered - painted : undefined };
  if (sent === undefined) return { ...facts, code: "no_card", tone: "alarm" };
  if (received === undefined) {
    const pages = trace.find((one) => one.step === "browsers" && one.agent === agent)?.count;
    return { ...facts, code: pages ? "not_received" : "no_browser", tone: "alarm" };
  }
  if (painted === undefined) return { ...facts, code: notified === undefined ? "not_painted" : "notified_only", tone: "alarm" };
  if (answered === undefined) return { ...facts, code: "painted", tone: "good" };
  return painted <= answered ? { ...facts, code: "before_pickup", tone: "good" } : { ...facts, code: "after_pickup", tone: "alarm" };
}

const distinct = (list, key) => [...new Map(list.map((one) => [key(one), one]).reverse()).values()].reverse();

const TONES = { answered: "good", painted: "good", stopped: "alarm", records_unreachable: "alarm" };
export const toneOf = (step) => TONES[step.step] ?? "";
