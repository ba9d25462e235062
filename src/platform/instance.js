// The one living instance of the core, and what becomes of clients when it traps.
import { later, monotonicNow } from "./host.js";

/** A second trap within this time is not answered by another instance at once. */
const CALM_MS = 60_000;
const RETRY_MS = 125;

let Delivery, make, trapped;
let traps = 0;
/** Whether nobody has asked for an instance that can be made. */
let isNew = false;

/** The class of the living instance; undefined while there is none, null when there will be none. */
export function living() {
  if (isNew) renew();
  return Delivery;
}

/** Clients that hold something: `begin` is called when `living` has changed. */
export const holding = new Set();

/** Makes instances by `start(run)` from now on, when one is needed; null: there will be none. */
export function begin(start) {
  make = start;
  isNew = true;
  if (holding.size) renew();
}

function renew() {
  isNew = false;
  try {
    Delivery = make && make(run);
  } catch {
    // No memory is left for another one now.
    traps++;
    again();
  }
  if (Delivery !== undefined) for (const client of [...holding]) client.begin();
}

function again() {
  Delivery = undefined;
  later(renew, RETRY_MS * 2 ** Math.min(traps, 12));
}

/** Calls into an instance. A trap ends it, and what follows goes to a new one. */
export function run(instance, act) {
  if (instance.dead) return;
  try {
    return act();
  } catch (error) {
    // What the host refused, such as random numbers while workerd starts, is the caller's to know.
    if (error.name === "Error") throw error;
    instance.dead = true;
    const now = monotonicNow();
    if (now > trapped + CALM_MS) traps = 0;
    trapped = now;
    // The first time at once, then with pauses: what traps may lie in what is held.
    if (traps++) again();
    else renew();
  }
}
