// What comes of a step, and how expectations are said.

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** undefined does not survive JSON, an error neither. */
export async function outcome(act, base) {
  try {
    return (await act()) ?? null;
  } catch (error) {
    return told(error, base);
  }
}

const told = ({ name, code, fault, message, statusCode }, base) => [
  code ? `${code}, ${fault}${statusCode ? `, ${statusCode}` : ""}` : name,
  message.replace(base, "<base>"),
];

export const refused = (message) => ["invalid_argument, caller", message];

export const counts = (some) => ({
  ...{ accepted: 0, delivered: 0, rejected: 0, expired: 0, dropped: 0, pending: 0 },
  ...some,
});

export const delivered = (count) => counts({ accepted: count, delivered: count });

/** Asks until it is so; a runtime's own timers must do the rest. */
export async function until(isSo) {
  for (const end = Date.now() + 60_000; !isSo() && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function take(count, subscription) {
  const events = [];
  for await (const event of subscription) {
    if (events.push(event) === count) break;
  }
  return [events, subscription.lastEventId, subscription.state];
}

export const THREE = [
  [
    { $id: "1", n: 1 },
    { $id: "2", n: 2 },
    { $id: "3", n: 3 },
  ],
  "3",
  "closed",
];
