// The live feed: events as they come back from the server.
import { roundTrip, stream } from "./clients.js";

const ROWS = 50;
const list = document.querySelector('[data-testid="feed"]');
const count = document.getElementById("feed-count");

let seen = 0;
let fresh = [];

/** How many events have come back so far. */
export const seenSoFar = () => seen;

const nameOf = (event) => event.event ?? event.name ?? event.kind ?? event.type ?? "event";

export const timeOf = (event) => event.date ?? event.originalTimestamp ?? event.$timestamp ?? "";

function row(event) {
  const item = document.createElement("li");
  item.dataset.testid = "feed-row";
  item.dataset.event = nameOf(event);
  const pill = document.createElement("span");
  pill.className = "pill";
  pill.textContent = pill.dataset.kind = event.type ?? event.kind ?? "event";
  const name = document.createElement("b");
  name.textContent = event.repo ? `${event.repo}` : nameOf(event);
  const side = document.createElement("small");
  side.textContent =
    event.took === undefined ? timeOf(event).slice(0, 10) : `back in ${event.took} ms`;
  item.append(pill, name, side);
  return item;
}

/** A burst is drawn once a frame, and only what stays visible. */
function draw() {
  const newest = fresh.slice(-ROWS).reverse();
  fresh = [];
  list.prepend(...newest.map(row));
  while (list.childElementCount > ROWS) list.lastElementChild.remove();
  count.textContent = `${seen.toLocaleString("en")} so far`;
}

function take(event) {
  seen += 1;
  if (fresh.length === 0) requestAnimationFrame(draw);
  if (fresh.length > 4 * ROWS) fresh = fresh.slice(-ROWS);
  const took = event.messageId ? roundTrip(event) : undefined;
  fresh.push(took === undefined ? event : { ...event, took });
}

export async function startFeed() {
  const lamp = document.querySelector(".lamp");
  const state = document.getElementById("state");
  const say = (text) => {
    if (lamp.dataset.state !== text) lamp.dataset.state = state.textContent = text;
  };
  try {
    const subscription = await stream.subscribe();
    say(subscription.state);
    setInterval(() => say(subscription.state), 500);
    (async () => {
      for await (const event of subscription) take(event);
    })().catch((error) => {
      count.textContent = error.message;
    });
  } catch (error) {
    say("closed");
    count.textContent = error.message;
  }
}
